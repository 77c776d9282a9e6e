"""Run inside a peer's environment, which has neither figureground nor its libraries, but for one.

    python peer_mattes.py NAME WEIGHTS mattes FOLDER
    python peer_mattes.py NAME WEIGHTS once PHOTO RESULT

The first makes N.alpha.npy, uint8 (H, W), of each N.rgb.npy, uint8 (H, W, 3), of the folder, and
prints the seconds of each as JSON. The second makes a cutout of one photo. Each peer prepares an
image, and brings its answer back to the image's size, as its own code or its makers' script does.
"""

import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

MARGIN = 0.05  # of each side, that GrabCut is told to be background
LONG_SIDE = 512  # at which GrabCut works: a megapixel takes it ten seconds and more


def figureground(_weights):
    from figureground import Remover

    return Remover().alpha


def mediapipe(_weights):
    from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

    segmenter = SelfieSegmentation(model_selection=0)  # the general one, 256 x 256
    return lambda rgb: segmenter.process(rgb).segmentation_mask


def u2netp(weights):
    from PIL import Image
    from rembg import new_session, remove

    session = new_session(Path(weights).stem)
    return lambda rgb: as_alpha(remove(Image.fromarray(rgb), session=session, only_mask=True))


u2net = u2netp


def modnet(weights):
    import cv2
    from onnxruntime import InferenceSession

    session = InferenceSession(weights, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def alpha_of(rgb):
        rows, columns = rgb.shape[:2]
        values = (rgb.astype(np.float32) - 127.5) / 127.5
        size = modnet_size(rows, columns)
        small = cv2.resize(values, size[::-1], interpolation=cv2.INTER_AREA)
        matte = session.run(None, {name: small.transpose(2, 0, 1)[None]})[0].squeeze()
        return cv2.resize(matte, (columns, rows), interpolation=cv2.INTER_AREA)

    return alpha_of


def modnet_size(rows, columns, *, reference=512):
    """(rows, columns) that MODNet sees. Source: `get_scale_factor` of its demo for ONNX."""
    if max(rows, columns) < reference or min(rows, columns) > reference:
        if columns >= rows:
            rows, columns = reference, int(columns / rows * reference)
        else:
            rows, columns = int(rows / columns * reference), reference
    return rows - rows % 32, columns - columns % 32


def grabcut(_weights):
    import cv2

    def alpha_of(rgb):
        rows, columns = rgb.shape[:2]
        scale = min(1, LONG_SIDE / max(rows, columns))
        small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width = small.shape[:2]
        box = [round(MARGIN * width), round(MARGIN * height)]
        box += [width - 2 * box[0], height - 2 * box[1]]
        marks, back, front = (
            np.zeros((height, width), np.uint8),
            np.zeros((1, 65)),
            np.zeros((1, 65)),
        )
        cv2.setRNGSeed(0)
        cv2.grabCut(small[..., ::-1].copy(), marks, box, back, front, 5, cv2.GC_INIT_WITH_RECT)
        person = ((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.float32)
        return cv2.resize(person, (columns, rows), interpolation=cv2.INTER_LINEAR)

    return alpha_of


def tutorial(weights):
    """`predict.py` of the article: resize, divide, predict, resize back."""
    import cv2
    import keras

    model = keras.models.load_model(weights)
    rows, columns = 384, 384

    def alpha_of(rgb):
        x = cv2.resize(rgb, (columns, rows)).astype(np.float32) / 255.0
        matte = model.predict(x[None], verbose=0)[0][..., -1]
        return cv2.resize(matte, (rgb.shape[1], rgb.shape[0]))

    return alpha_of


def as_alpha(image):
    return np.asarray(image, np.float32) / 255


PEERS = {one.__name__: one for one in (figureground, mediapipe, u2netp, modnet, grabcut, tutorial)}
PEERS["u2net"] = u2net


def make_mattes(alpha_of, folder):
    """Answer all arrays of a folder, and print the seconds of each."""
    seconds = {}
    for path in sorted(folder.glob("*.rgb.npy")):
        rgb = np.load(path)
        began = perf_counter()
        alpha = alpha_of(rgb)
        name = path.name.removesuffix(".rgb.npy")
        seconds[name] = perf_counter() - began
        levels = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)
        np.save(folder / f"{name}.alpha.npy", levels)
    print(json.dumps(seconds))


def cut_out(alpha_of, photo, result):
    """What a script around a library does with one photo; OpenCV reads and writes."""
    import cv2

    bgr = cv2.imread(photo)
    alpha = alpha_of(bgr[..., ::-1].copy())
    levels = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)
    cv2.imwrite(result, np.dstack([bgr, levels]))


if __name__ == "__main__":
    name, weights, verb, *paths = sys.argv[1:]
    open_peer = PEERS[name](weights)
    if verb == "mattes":
        make_mattes(open_peer, Path(paths[0]))
    else:
        cut_out(open_peer, *paths)
