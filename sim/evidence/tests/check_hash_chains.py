#!/usr/bin/env python3
"""Checks unpacked message containers without a line of Roadtest's code.

Usage: check_hash_chains.py FOLDER...

Follows message -> hash chain -> signature document -> hash chain -> what the time-stamp is over,
and holds both manifests against what is there. The signature's value, the certificates, the OCSP
response and the time-stamp token are for xmlsec1 and openssl. Prints `ok` or `refused: WHY` for each
folder, one a line; exit code 1 if one was refused.
"""

import base64
import hashlib
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

SHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
HC = "{http://cyber.ee/hashchain}"
ASIC = "{http://uri.etsi.org/2918/v1.2.1#}"
MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
MEDIA_TYPE = b"application/vnd.etsi.asic-e+zip"


class Refusal(Exception):
    """Why the container proves nothing."""


def require(condition, reason):
    if not condition:
        raise Refusal(reason)


def parse(document):
    root = ElementTree.fromstring(document)
    for element in root.iter():
        leaf = len(element) == 0
        require(leaf or not (element.text or "").strip(), f"text in {element.tag}")
        require(not (element.tail or "").strip(), f"text after {element.tag}")
    return root


def digest_of(element):
    method = element.find(f"{DS}DigestMethod")
    require(method is None or method.get("Algorithm") == SHA512, "a digest is not SHA-512")
    value = element.find(f"{DS}DigestValue")
    require(value is not None, f"no digest in {element.tag}")
    digest = base64.b64decode("".join(value.text.split()), validate=True)
    require(len(digest) == 64, "a digest is not of 64 bytes")
    return digest


def der(tag, content):
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def digest_list(digests):
    items = (
        der(0x30, der(0x04, digest) + der(0x0C, SHA512.encode()) + der(0x30, b""))
        for digest in digests
    )
    return hashlib.sha512(der(0x30, b"".join(items))).digest()


def check_chain(result, chain, chain_name, parts):
    """Leads every one of parts (URI -> bytes) to the digest that the result states."""
    result, chain = parse(result), parse(chain)
    require(result.tag == f"{HC}HashChainResult", "no hash chain result")
    require(chain.tag == f"{HC}HashChain", "no hash chain")
    method = chain.find(f"{HC}DefaultDigestMethod")
    require(method is not None and method.get("Algorithm") == SHA512, "the chain is not SHA-512")
    steps = {step.get("id"): list(step) for step in chain.findall(f"{HC}HashStep")}
    used = set()

    def item(element):
        if element.tag == f"{HC}HashValue":
            return digest_of(element)
        if element.tag == f"{HC}StepRef":
            return step(element.get("URI"))
        require(element.tag == f"{HC}DataRef", f"unknown {element.tag}")
        uri = element.get("URI")
        require(uri in parts, f"{uri} is not there")
        used.add(uri)
        actual = hashlib.sha512(parts[uri]).digest()
        require(digest_of(element) == actual, f"{uri} has another digest")
        return actual

    def step(reference):
        document, _, name = reference.partition("#")
        require(document in ("", chain_name) and name in steps, f"{reference} leads nowhere")
        # Taken out, so that no way goes in circles.
        return digest_list([item(element) for element in steps.pop(name)])

    reference = result.get("URI") or ""
    require(reference.startswith(chain_name + "#"), "the result is of another chain")
    require(step(reference) == digest_of(result), "the chain leads to another result")
    require(used == set(parts), f"not covered: {sorted(set(parts) - used)}")


def check_signature_chain(files):
    document = parse(files["META-INF/signatures.xml"])
    reference = document.find(f"{DS}Signature/{DS}SignedInfo/{DS}Reference")
    require(reference is not None, "the signature is over nothing")
    name = (reference.get("URI") or "").lstrip("/")
    require(name in files, f"the signature is over {name}, which is not there")
    require(digest_of(reference) == hashlib.sha512(files[name]).digest(), f"{name} was changed")
    parts = {"/" + part: files[part] for part in ("message.xml", "attachment1") if part in files}
    if name == "message.xml":
        require(set(parts) == {"/message.xml"}, "the attachment is not signed")
        require("sig-hashchainresult.xml" not in files, "a hash chain is not signed")
    else:
        require(name == "sig-hashchainresult.xml", f"the signature is over {name}")
        check_chain(files[name], files["sig-hashchain.xml"], "/sig-hashchain.xml", parts)


def check_time_stamp_chain(files):
    result = files["ts-hashchainresult.xml"]
    parts = {"/META-INF/signatures.xml": files["META-INF/signatures.xml"]}
    check_chain(result, files["ts-hashchain.xml"], "/ts-hashchain.xml", parts)
    manifest = parse(files["META-INF/ASiCManifest.xml"])
    require(manifest.tag == f"{ASIC}ASiCManifest", "no ASiC manifest")
    token = manifest.find(f"{ASIC}SigReference")
    require(token is not None and token.get("URI") == "META-INF/timestamp.tst", "no token named")
    require(token.get("MimeType") == "vnd.etsi.timestamp-token", "the token is of another type")
    stamped = manifest.find(f"{ASIC}DataObjectReference")
    require(stamped is not None, "nothing is named as stamped")
    require(stamped.get("URI") == "ts-hashchainresult.xml", "something else is named as stamped")
    require(stamped.get("MimeType") == "text/xml", "what is stamped is of another type")
    require(stamped.find(f"{DS}DigestMethod") is not None, "no algorithm named")
    require(digest_of(stamped) == hashlib.sha512(result).digest(), "ts-hashchainresult.xml differs")


def check_manifest(files):
    require(files["mimetype"] == MEDIA_TYPE, "another media type")
    manifest = parse(files["META-INF/manifest.xml"])
    require(manifest.tag == f"{MANIFEST}manifest", "no manifest")
    require(manifest.get(f"{MANIFEST}version") == "1.2", "another version of manifest")
    listed = {}
    for entry in manifest:
        require(entry.tag == f"{MANIFEST}file-entry", f"unknown {entry.tag}")
        listed[entry.get(f"{MANIFEST}full-path")] = entry.get(f"{MANIFEST}media-type")
    expected = {name: "text/xml" for name in files if name.endswith(".xml") and "/" not in name}
    expected["/"] = MEDIA_TYPE.decode()
    if "attachment1" in files:
        expected["attachment1"] = "application/octet-stream"
    require(listed == expected, "the manifest lists other files than there are")


def check(root):
    paths = [path for path in root.rglob("*") if path.is_file()]
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    try:
        check_manifest(files)
        check_signature_chain(files)
        check_time_stamp_chain(files)
    except (Refusal, KeyError, ValueError, ElementTree.ParseError) as refusal:
        return f"refused: {refusal!r}"
    return "ok"


def main():
    verdicts = [check(pathlib.Path(folder)) for folder in sys.argv[1:]]
    print("\n".join(verdicts))
    return 0 if verdicts and all(verdict == "ok" for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
