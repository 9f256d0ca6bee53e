#!/usr/bin/env python3
"""Checks the containers of an exchange without a line of Roadtest's code.

Usage: check_exchange.py containers CONTAINER...    zip files, or folders with what was in them
       check_exchange.py exchange REQUEST RESPONSE
       check_exchange.py changes CONTAINER

`containers` prints `ok` or `refused: WHY` for each, one a line. On top of what check_hash_chains.py
follows, it wants the form of ASiC-E (ETSI TS 102 918), no entry too many, and a token over the
digest of the time-stamped document. `exchange` recomputes X-Road-Request-Hash of the response
from the request. Exit code 1 where something is refused. `changes` prints `ENTRY POSITION` of each
byte of a good container that may be changed without a refusal.
"""

import base64
import hashlib
import pathlib
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "sim/evidence/tests"))

import check_hash_chains as chains  # noqa: E402  (found through the path above)
from check_hash_chains import Refusal, require  # noqa: E402

# What comes of looking for something that is not there.
UNREADABLE = (
    Refusal,
    AttributeError,
    KeyError,
    IndexError,
    ValueError,
    ElementTree.ParseError,
    zipfile.BadZipFile,
)
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
SIGNED_IN_A_CHAIN = {"sig-hashchainresult.xml", "sig-hashchain.xml"}
ALWAYS = {
    "mimetype",
    "message.xml",
    "META-INF/signatures.xml",
    "ts-hashchainresult.xml",
    "ts-hashchain.xml",
    "META-INF/manifest.xml",
    "META-INF/ASiCManifest.xml",
    "META-INF/timestamp.tst",
}
# Object identifiers as DER, without tag and length.
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TIME_STAMP_INFO = bytes.fromhex("2a864886f70d0109100104")
SHA512 = bytes.fromhex("608648016503040203")
ECDSA_WITH_SHA256 = bytes.fromhex("2a8648ce3d040302")


def read(path):
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file())
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        require(first.filename == "mimetype", "the media type is not the first entry")
        require(first.compress_type == zipfile.ZIP_STORED, "the media type is compressed")
        require(not first.extra, "the media type is not at its fixed offset")
        names = archive.namelist()
        require(len(names) == len(set(names)), "an entry exists twice")
        files = {name: archive.read(name) for name in names}
        require(archive.comment == b"mimetype=" + files["mimetype"], "the comment is another")
        return files


def check_entries(files):
    expected = set(ALWAYS)
    if b"/sig-hashchainresult.xml" in files["META-INF/signatures.xml"]:
        expected |= SIGNED_IN_A_CHAIN
    if "/attachment1" in files.get("sig-hashchain.xml", b"").decode():
        expected.add("attachment1")
    require(set(files) == expected, f"not as expected: {sorted(set(files) ^ expected)}")
    for name in ("META-INF/manifest.xml", "META-INF/ASiCManifest.xml"):
        require(files[name].startswith(DECLARATION), f"{name} does not say what it is")


def elements(der):
    """The contents of the elements that stand one after another."""
    found = []
    while der:
        length, start = der[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(der[2:start], "big")
        require(len(der) >= start + length, "the token is cut short")
        found.append(der[start : start + length])
        der = der[start + length :]
    return found


def check_token(files):
    """The parts of a token (RFC 3161, RFC 5652) of which OpenSSL does not say whether they fit."""
    [content_info] = elements(files["META-INF/timestamp.tst"])
    content_type, content = elements(content_info)
    require(content_type == SIGNED_DATA, "the token is not signed")
    [signed_data] = elements(content)
    version, _, encapsulated, _, signers = elements(signed_data)
    require(version == b"\x03", "another version of signed data")

    content_type, content = elements(encapsulated)
    require(content_type == TIME_STAMP_INFO, "the token is no time-stamp")
    [info] = elements(elements(content)[0])
    [algorithm, digest] = elements(elements(info)[2])
    require(elements(algorithm)[0] == SHA512, "the imprint is not SHA-512")
    expected = hashlib.sha512(files["ts-hashchainresult.xml"]).digest()
    require(digest == expected, "the token is over another document")

    [signer] = elements(signers)
    version, _, _, _, algorithm, _ = elements(signer)
    require(version == b"\x01", "another version of signer")
    require(elements(algorithm) == [ECDSA_WITH_SHA256], "another algorithm of signature")


def check(files):
    try:
        check_entries(files)
        chains.check_manifest(files)
        chains.check_signature_chain(files)
        chains.check_time_stamp_chain(files)
        check_token(files)
    except UNREADABLE as refusal:
        return f"refused: {refusal!r}"
    return "ok"


def check_container(path):
    try:
        files = read(path)
    except UNREADABLE as refusal:
        return f"refused: {refusal!r}"
    return check(files)


def unnoticed_changes(files):
    """Changes one bit of each byte in turn; names those that make no difference."""
    for name, content in files.items():
        for at in range(len(content)):
            changed = bytearray(content)
            changed[at] ^= 1
            if check({**files, name: bytes(changed)}) == "ok":
                yield f"{name} {at}"


def request_hash(files):
    """SHA-512 of the head; with a body, SHA-512 of that digest and the body's."""
    digest = hashlib.sha512(files["message.xml"]).digest()
    if "attachment1" in files:
        digest = hashlib.sha512(digest + hashlib.sha512(files["attachment1"]).digest()).digest()
    return base64.b64encode(digest).decode()


def check_exchange(request, response):
    request, response = read(request), read(response)
    lines = response["message.xml"].decode().split("\r\n")
    headers = dict(line.split(":", 1) for line in lines[2:] if line)
    if headers["x-road-request-hash"] != request_hash(request):
        return "refused: the response is to another request"
    return "ok"


def main():
    what, *paths = sys.argv[1:]
    paths = [pathlib.Path(path) for path in paths]
    if what == "changes":
        print("\n".join(unnoticed_changes(read(paths[0]))))
        return 0
    verdicts = (
        [check_exchange(*paths)] if what == "exchange" else [check_container(path) for path in paths]
    )
    print("\n".join(verdicts))
    return 0 if verdicts and all(verdict == "ok" for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
