import * as THREE from 'three';
import { ShowClient } from 'synesthete/client';

const server = new URLSearchParams(location.search).get('show') ?? 'http://127.0.0.1:8090';

const renderer = new THREE.WebGLRenderer({ antialias: true });
renderer.setSize(innerWidth, innerHeight);
document.body.append(renderer.domElement);

const camera = new THREE.PerspectiveCamera(50, innerWidth / innerHeight, 0.1, 20);
camera.position.z = 3.2;
const scene = new THREE.Scene();
const sheet = new THREE.PlaneGeometry(1, 1, 96, 64);
const flat = sheet.attributes.position.clone();
const material = new THREE.MeshBasicMaterial({ side: THREE.DoubleSide });
const mesh = new THREE.Mesh(sheet, material);
scene.add(mesh);

const loader = new THREE.TextureLoader().setCrossOrigin('anonymous');
let shown;
let arousal = 0;
let level = 0;

async function load({ id, url, width, height }) {
  shown = id;
  const texture = await loader.loadAsync(client.address(url));
  if (shown !== id) return texture.dispose(); // another one came meanwhile
  texture.colorSpace = THREE.SRGBColorSpace;
  material.map?.dispose();
  material.map = texture;
  material.needsUpdate = true;
  mesh.scale.set((2 * width) / height, 2, 2);
}

const client = new ShowClient(server, {
  hello: { name: 'three' },
  onShow({ show, mood, level: { rms } }) {
    arousal = mood.arousal;
    level = rms;
    mesh.visible = show.state !== 'blackout';
    if (show.image !== null && show.image.id !== shown) load(show.image).catch(() => (shown = undefined));
  },
});

setInterval(
  () =>
    client.report({
      picture: material.map === null ? null : shown,
      black: !mesh.visible,
      visible: !document.hidden,
    }),
  2000,
);

/** The picture as a sheet in waves: faster with arousal, higher with the level. */
let phase = 0;
let height = 0;
const timer = new THREE.Timer();
renderer.setAnimationLoop(() => {
  timer.update();
  phase += timer.getDelta() * (0.5 + 5 * arousal);
  height += (level - height) / 10;
  const { position } = sheet.attributes;
  for (let i = 0; i < position.count; i++) {
    const [x, y] = [flat.getX(i), flat.getY(i)];
    position.setZ(i, 0.3 * height * Math.sin(9 * x + phase) * Math.cos(7 * y - phase / 2));
  }
  position.needsUpdate = true;
  mesh.rotation.y = 0.25 * Math.sin(phase / 8);
  renderer.render(scene, camera);
});

addEventListener('resize', () => {
  camera.aspect = innerWidth / innerHeight;
  camera.updateProjectionMatrix();
  renderer.setSize(innerWidth, innerHeight);
});
