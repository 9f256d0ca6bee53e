"""Reads a signed directory and compares the hashes of its parts. Shares no code with Roadtest.

usage: check_directory.py DIRECTORY FOLDER

FOLDER holds the parts under the file names of their Content-location. Prints one line a part and
exits with 0 when every hash is right.
"""

import base64
import email.parser
import email.policy
import hashlib
import pathlib
import sys

HASHES = {"http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512}


def main(directory, folder):
    with open(directory, "rb") as file:
        content = file.read()
    if content.replace(b"\r\n", b"").find(b"\n") >= 0:
        sys.exit("a line ends with a bare line feed")
    outer = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(content)
    if outer.get_content_type() != "multipart/related" or outer.defects:
        sys.exit(f"not a multipart/related: {outer.defects}")
    inner, signature = outer.get_payload()
    if inner.get_content_type() != "multipart/mixed" or inner.defects:
        sys.exit(f"not a multipart/mixed: {inner.defects}")
    base64.b64decode(signature.get_payload().strip(), validate=True)
    head, *parts = inner.get_payload()
    print("expires", head["Expire-date"], "version", head["Version"])
    if len(parts) != 2:
        sys.exit(f"{len(parts)} parts")
    for part in parts:
        name = pathlib.PurePosixPath(part["Content-location"]).name
        file = pathlib.Path(folder, name).read_bytes()
        found = HASHES[part["Hash-algorithm-id"]](file).digest()
        if found != base64.b64decode(part.get_payload().strip(), validate=True):
            sys.exit(f"{name}: the hash is wrong")
        print(part["Content-identifier"], name, len(file))


main(*sys.argv[1:])
