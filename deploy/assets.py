"""Copies the NHS.UK frontend files our pages need into the chassis, cleaned, so that no page asks another host.

    npm pack nhsuk-frontend@10.6.1 && tar -xf nhsuk-frontend-10.6.1.tgz
    python deploy/assets.py package

Four things change on the way: the hosted Frutiger faces go (an outside request, and a font licensed to NHS bodies
only), image paths become relative, source maps are no longer named, and of the images only those the stylesheet asks
for come along: the rest show the NHS logo, which is not ours to show.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "chassis" / "static" / "vendor"
VERSION = "10.6.1"
# What reaches out of the page: any address with a host, but for the names of XML vocabularies, which are never fetched.
OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)


class Unclean(Exception):
    """The files still reach for another host, or are not of the version our templates are written for."""


def clean_styles(css: str) -> str:
    """Gives the stylesheet without hosted fonts, with image paths that stay beside it."""
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    css = re.sub(r"Frutiger W01,\s*", "", css)
    css = css.replace("url(/assets/", "url(assets/")
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)


def clean_script(script: str) -> str:
    """Gives the script without the line that names its source map."""
    return re.sub(r"//# sourceMappingURL=.*", "", script)


def copy(package: Path, vendor: Path) -> dict[str, str]:
    """Replaces `vendor` by the cleaned files of an unpacked package and gives each file's SHA-256; raises Unclean."""
    version = json.loads((package / "package.json").read_text())["version"]
    if version != VERSION:
        raise Unclean(f"this is nhsuk-frontend {version}; the page templates are written for {VERSION}")
    dist = package / "dist" / "nhsuk"
    texts = {
        "nhsuk.css": clean_styles((dist / "nhsuk-frontend.min.css").read_text()),
        "nhsuk.js": clean_script((dist / "nhsuk-frontend.min.js").read_text()),
    }
    for name, text in texts.items():
        if found := sorted(set(OUTSIDE.findall(text))) or re.findall("Frutiger", text):
            raise Unclean(f"{name} still names {', '.join(found)}")
    shutil.rmtree(vendor, ignore_errors=True)
    for asked in sorted(set(re.findall(r"url\((assets/[^)]+)\)", texts["nhsuk.css"]))):
        (vendor / asked).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(dist / asked, vendor / asked)
    for name, text in texts.items():
        (vendor / name).write_text(text)
    sums = {path.relative_to(vendor).as_posix(): _sum(path) for path in sorted(vendor.rglob("*")) if path.is_file()}
    manifest = {"package": "nhsuk-frontend", "version": version, "licence": "MIT, © NHS England", "sha256": sums}
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return sums


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("say which folder holds the unpacked nhsuk-frontend package")
    try:
        copied = copy(Path(sys.argv[1]), VENDOR)
    except (Unclean, FileNotFoundError) as fault:
        sys.exit(str(fault))
    print(f"{len(copied)} files of nhsuk-frontend {VERSION} copied and cleaned")
