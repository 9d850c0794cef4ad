// The show in Processing, with the library oscP5 (Sketch > Import Library > Manage Libraries).
// Start the show with: synesthete live --osc-to 127.0.0.1:9000 --osc-at 9001
import netP5.*;
import oscP5.*;

OscP5 osc;
NetAddress show = new NetAddress("127.0.0.1", 9001);
PImage picture;
String arriving; // path of a picture that has yet to be loaded
float valence = 0.5, arousal = 0.5, rms = 0, jolt = 0;
boolean isBlack = false;

void setup() {
  size(1280, 720);
  osc = new OscP5(this, 9000);
  // What is told only when it changes, once more for this sketch.
  osc.send(new OscMessage("/synesthete/refresh"), show);
}

// Called on another thread than draw.
void oscEvent(OscMessage message) {
  if (message.checkAddrPattern("/synesthete/mood")) {
    valence = message.get(0).floatValue();
    arousal = message.get(1).floatValue();
  } else if (message.checkAddrPattern("/synesthete/level")) {
    rms = message.get(0).floatValue();
  } else if (message.checkAddrPattern("/synesthete/onset")) {
    jolt = 1;
  } else if (message.checkAddrPattern("/synesthete/state")) {
    isBlack = message.get(0).stringValue().equals("blackout");
  } else if (message.checkAddrPattern("/synesthete/picture")) {
    arriving = message.get(1).stringValue();
  }
}

void draw() {
  if (arriving != null) {
    picture = loadImage(arriving);
    arriving = null;
  }
  background(0);
  if (picture == null || isBlack) return;
  jolt *= 0.9;
  float scale = max((float) width / picture.width, (float) height / picture.height) * (1 + 0.1 * jolt * arousal);
  imageMode(CENTER);
  tint(255, 150 + 105 * valence, 255);
  image(picture, width / 2, height / 2, scale * picture.width, scale * picture.height);
}

void keyPressed() {
  if (key == 'n') osc.send(new OscMessage("/synesthete/next").add(1), show);
}
