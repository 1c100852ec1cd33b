"""`python -m assets.make.lessons` asks two shipped networks what the first lessons show of covers.

What is current stays as it is; what belongs to no built-in cover any more is taken away.
"""

from __future__ import annotations

from genre_core.data.demo import demo_covers
from genre_core.data.files import sha256_file
from genre_core.image.decode import decode_cover
from genre_core.inference.classifier import Classifier
from genre_core.lessons.cover_look import look_into
from genre_core.lessons.first.look import FOLDER, HEAD, STACK, load_look, path_of, save_look
from genre_core.runs.bundle import SHIPPED_DIR, open_bundle


def main() -> None:
    """Bring every stored look up to date, and say what was made."""
    stack, head = (open_bundle(SHIPPED_DIR / name) for name in (STACK, HEAD))
    covers = {sha256_file(cover.path): cover for cover in demo_covers()}
    missing = [one for one in covers if load_look(one, stack.card, head.card) is None]
    if missing:
        FOLDER.mkdir(exist_ok=True)
        layers, answering = Classifier.load(stack), Classifier.load(head)
        for checksum in missing:
            look = look_into(layers, answering, decode_cover(covers[checksum].path))
            path = save_look(checksum, look, stack.card, head.card)
            print(f"{covers[checksum].name}: {path.stat().st_size / 1e3:.0f} kB", flush=True)
    wanted = {path_of(checksum) for checksum in covers}
    for path in FOLDER.glob("*.npz"):
        if path not in wanted:
            path.unlink()
    print(f"{len(covers)} covers, {sum(one.stat().st_size for one in wanted) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
