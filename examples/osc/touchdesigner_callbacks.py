"""Callbacks of an OSC In DAT of TouchDesigner (Network Port 9000), which put the show into operators beside it: the picture
into the File parameter of a Movie File In TOP `picture`, the numbers into a Constant CHOP `show` with five channels.

Start the show with: synesthete live --osc-to 127.0.0.1:9000
"""


def onReceiveOSC(dat, rowIndex, message, byteData, timeStamp, address, args, peer):
    picture = dat.parent().op("picture")
    show = dat.parent().op("show")
    if address == "/synesthete/picture":
        _, path, _ = args  # id, path, crossfade seconds
        picture.par.file = path
    elif address == "/synesthete/mood":
        show.par.value0, show.par.value1, show.par.value2 = args  # valence, arousal, confidence
    elif address == "/synesthete/level":
        (show.par.value3,) = args
    elif address == "/synesthete/state":
        (state,) = args
        show.par.value4 = 0 if state == "blackout" else 1
