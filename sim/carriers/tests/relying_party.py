"""A relying party of Mobile-ID and Smart-ID, written from their specifications alone.

It shares no code with the carriers: HTTP and JSON are Python's own, certificates and signatures
those of the package `cryptography`. It is told, in a JSON file, where the carriers are, whom to ask
and what should become of it; it ends with 1 and a reason where something else did.

    python3 relying_party.py told.json
"""

import base64
import hashlib
import json
import os
import sys
import urllib.error
import urllib.request

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# How long a long poll may wait, and how much longer than that its answer may take.
POLL_MS = 60_000
GRACE_SECONDS = 5
# ETSI EN 319 411-2 and EN 319 412-5.
QUALIFIED_POLICY = "0.4.0.194112.1.2"
QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
# DER of id-etsi-qcs-QcCompliance, -QcSSCD and of the type esign.
STATEMENTS = ["060604008e460101", "060604008e460104", "060704008e46010601"]
HASHES = {"SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}


class Failure(Exception):
    """Something is not as the specifications say."""


def require(condition, reason):
    if not condition:
        raise Failure(reason)


def b64(data):
    return base64.b64encode(data).decode()


def from_b64(text):
    return base64.b64decode(text, validate=True)


class Carrier:
    """HTTP with JSON, and what every carrier's certificates must be."""

    def __init__(self, told):
        self.told = told
        self.ca = x509.load_pem_x509_certificate(told["ca"].encode())

    def call(self, path, body=None, timeout=GRACE_SECONDS):
        request = urllib.request.Request(self.told["url"] + path)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Failure(f"{path}: {error.code} {error.read().decode()}") from error

    def complete(self, path):
        """Polls until the person has answered."""
        while True:
            timeout = POLL_MS / 1000 + GRACE_SECONDS
            answer = self.call(f"{path}?timeoutMs={POLL_MS}", timeout=timeout)
            if answer["state"] == "COMPLETE":
                return answer
            require(answer["state"] == "RUNNING", f"state {answer['state']}")

    def who_asks(self):
        return {"relyingPartyUUID": self.told["uuid"], "relyingPartyName": self.told["name"]}

    def certificate(self, text, is_for_signing):
        certificate = x509.load_der_x509_certificate(from_b64(text))
        try:
            certificate.verify_directly_issued_by(self.ca)
        except (ValueError, InvalidSignature) as error:
            raise Failure("the certificate is not issued by the people's authority") from error
        self.check_subject(certificate.subject)
        self.check_usage(certificate.extensions, is_for_signing)
        return certificate

    def check_subject(self, subject):
        told = self.told
        upper = {name: told[name].upper() for name in ("surname", "given_name")}
        for oid, wanted in [
            (NameOID.COUNTRY_NAME, told["country"]),
            (NameOID.SURNAME, upper["surname"]),
            (NameOID.GIVEN_NAME, upper["given_name"]),
            (NameOID.SERIAL_NUMBER, f"PNO{told['country']}-{told['national_id']}"),
            (
                NameOID.COMMON_NAME,
                f"{upper['surname']},{upper['given_name']},{told['national_id']}",
            ),
        ]:
            found = [attribute.value for attribute in subject.get_attributes_for_oid(oid)]
            require(found == [wanted], f"{oid}: {found} is not {wanted}")

    @staticmethod
    def check_usage(extensions, is_for_signing):
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        require(usage.content_commitment == is_for_signing, "nonRepudiation")
        require(usage.digital_signature != is_for_signing, "digitalSignature")
        if is_for_signing:
            policies = extensions.get_extension_for_class(x509.CertificatePolicies).value
            names = [policy.policy_identifier.dotted_string for policy in policies]
            require(QUALIFIED_POLICY in names, f"policies {names}")
            statements = extensions.get_extension_for_oid(QC_STATEMENTS).value.value.hex()
            for statement in STATEMENTS:
                require(statement in statements, f"no statement {statement}")
        else:
            purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            require(ExtendedKeyUsageOID.CLIENT_AUTH in purposes, f"purposes {purposes}")


def check_signature(certificate, digest, hash_type, signature):
    """Raw r and s over a digest; and it must not verify over another one."""
    raw = from_b64(signature)
    require(len(raw) == 64, f"a signature of {len(raw)} bytes")
    half = len(raw) // 2
    numbers = [int.from_bytes(part, "big") for part in (raw[:half], raw[half:])]
    der = utils.encode_dss_signature(*numbers)
    algorithm = ec.ECDSA(utils.Prehashed(HASHES[hash_type]))
    key = certificate.public_key()
    try:
        key.verify(der, digest, algorithm)
    except InvalidSignature as error:
        raise Failure("the signature does not verify") from error
    try:
        key.verify(der, bytes(len(digest)), algorithm)
    except InvalidSignature:
        return
    raise Failure("the signature verifies over anything")


class MobileId(Carrier):
    """SK-EID/MID, version 5."""

    @staticmethod
    def verification_code(digest):
        bits = f"{int.from_bytes(digest, 'big'):0{len(digest) * 8}b}"
        return f"{int(bits[:6] + bits[-7:], 2):04}"

    def whom(self):
        return self.who_asks() | {
            "phoneNumber": self.told["phone_number"],
            "nationalIdentityNumber": self.told["national_id"],
        }

    def session(self, kind, digest, hash_type):
        body = self.whom() | {
            "hash": b64(digest),
            "hashType": hash_type,
            "language": "ENG",
            "displayText": f"Code {self.verification_code(digest)}?",
            "displayTextFormat": "GSM-7",
        }
        begun = self.call(f"/mid-api/{kind}", body)
        return self.complete(f"/mid-api/{kind}/session/{begun['sessionID']}")

    def log_in(self, hash_type):
        digest = hashlib.new(hash_type, os.urandom(64)).digest()
        answer = self.session("authentication", digest, hash_type)
        require(answer["result"] == self.told["expected"], f"result {answer['result']}")
        if answer["result"] != "OK":
            return
        certificate = self.certificate(answer["cert"], is_for_signing=False)
        self.check_answer(certificate, digest, hash_type, answer)

    def sign(self, hash_type, document):
        found = self.call("/mid-api/certificate", self.whom())
        require(found["result"] == "OK", f"certificate {found['result']}")
        certificate = self.certificate(found["cert"], is_for_signing=True)
        digest = hashlib.new(hash_type, document).digest()
        answer = self.session("signature", digest, hash_type)
        require(answer["result"] == "OK", f"result {answer['result']}")
        require("cert" not in answer, "a signature comes without a certificate")
        self.check_answer(certificate, digest, hash_type, answer)

    @staticmethod
    def check_answer(certificate, digest, hash_type, answer):
        signature = answer["signature"]
        wanted = f"{hash_type}WithECEncryption"
        require(signature["algorithm"] == wanted, f"algorithm {signature['algorithm']}")
        require("time" in answer and int(answer["traceId"], 16) >= 0, "time and trace ID")
        check_signature(certificate, digest, hash_type, signature["value"])


class SmartId2(Carrier):
    """Smart-ID, relying-party protocol, version 2."""

    base = "/smart-id-rp/v2"

    @staticmethod
    def verification_code(data):
        last = int.from_bytes(hashlib.sha256(data).digest()[-2:], "big")
        return f"{last % 10_000:04}"

    def semantics(self):
        return f"etsi/PNO{self.told['country']}-{self.told['national_id']}"

    def session(self, path, body):
        begun = self.call(f"{self.base}/{path}", self.who_asks() | body)
        answer = self.complete(f"{self.base}/session/{begun['sessionID']}")
        result = answer["result"]["endResult"]
        require(result == "OK", f"end result {result}")
        return answer

    def signed(self, path, digest, hash_type):
        interaction = {"type": "verificationCodeChoice", "displayText60": "Choose the code"}
        answer = self.session(
            path,
            {
                "certificateLevel": "QUALIFIED",
                "hash": b64(digest),
                "hashType": hash_type,
                "allowedInteractionsOrder": [interaction],
            },
        )
        used = answer["interactionFlowUsed"]
        require(used == interaction["type"], f"interaction {used}")
        return answer

    def log_in(self, hash_type):
        digest = hashlib.new(hash_type, os.urandom(64)).digest()
        answer = self.signed(f"authentication/{self.semantics()}", digest, hash_type)
        certificate = self.certificate(answer["cert"]["value"], is_for_signing=False)
        check_signature(certificate, digest, hash_type, answer["signature"]["value"])
        return answer["result"]["documentNumber"]

    def sign(self, hash_type, document):
        chosen = self.session(f"certificatechoice/{self.semantics()}", {})
        require("signature" not in chosen, "a choice signs nothing")
        certificate = self.certificate(chosen["cert"]["value"], is_for_signing=True)
        number = chosen["result"]["documentNumber"]
        digest = hashlib.new(hash_type, document).digest()
        answer = self.signed(f"signature/document/{number}", digest, hash_type)
        require(answer["cert"] == chosen["cert"], "another certificate than the chosen one")
        check_signature(certificate, digest, hash_type, answer["signature"]["value"])


class SmartId3(Carrier):
    """Smart-ID, relying-party protocol, version 3: log-in by notification."""

    base = "/smart-id-rp/v3"

    def log_in(self):
        challenge = b64(os.urandom(64))
        shown = [{"type": "confirmationMessage", "displayText200": "Do you want to log in?"}]
        interactions = b64(json.dumps(shown).encode())
        body = self.who_asks() | {
            "certificateLevel": "QUALIFIED",
            "signatureProtocol": "ACSP_V2",
            "signatureProtocolParameters": {
                "rpChallenge": challenge,
                "signatureAlgorithm": "rsassa-pss",
                "signatureAlgorithmParameters": {"hashAlgorithm": "SHA-512"},
            },
            "interactions": interactions,
            "vcType": "numeric4",
        }
        whom = f"PNO{self.told['country']}-{self.told['national_id']}"
        begun = self.call(f"{self.base}/authentication/notification/etsi/{whom}", body)
        answer = self.complete(f"{self.base}/session/{begun['sessionID']}")
        result = answer["result"]["endResult"]
        require(result == "OK", f"end result {result}")
        require(answer["signatureProtocol"] == "ACSP_V2", "signature protocol")
        signature = answer["signature"]
        payload = "|".join(
            [
                "smart-id",
                "ACSP_V2",
                signature["serverRandom"],
                challenge,
                signature["userChallenge"],
                b64(self.told["name"].encode()),
                "",
                b64(hashlib.sha256(interactions.encode()).digest()),
                answer["interactionTypeUsed"],
                "",
                signature["flowType"],
            ]
        )
        require(len(signature["serverRandom"]) >= 24, "the server's share is too short")
        require(len(signature["userChallenge"]) == 43, "the person's share has another length")
        certificate = self.certificate(answer["cert"]["value"], is_for_signing=False)
        digest = hashlib.sha512(payload.encode()).digest()
        # The real service signs with RSASSA-PSS; this one says that it does not.
        require(signature["signatureAlgorithm"] == "ecdsa", "signature algorithm")
        check_signature(certificate, digest, "SHA512", signature["value"])


def check_codes():
    """The examples of both specifications."""
    digest = bytes.fromhex("2f665f6a6999e0ef0752e00ec9f453adf59d8cb6")
    require(MobileId.verification_code(digest) == "1462", "Mobile-ID's code")
    challenge = from_b64(
        "GYS+yoah6emAcVDNIajwSs6UB/M95XrDxMzXBUkwQJ9YFDipXXzGpPc7raWcuc2+TEoRc7WvIZ/7dU/iRXenYg=="
    )
    require(SmartId2.verification_code(challenge) == "7180", "Smart-ID's code")


def main(path):
    with open(path, encoding="utf-8") as file:
        told = json.load(file)
    document = "I apply for a child benefit.".encode()
    check_codes()
    print("codes")
    mobile_id = MobileId(told)
    mobile_id.log_in("SHA256")
    print("Mobile-ID: log-in")
    if told["expected"] != "OK":
        return
    mobile_id.log_in("SHA512")
    print("Mobile-ID: log-in with a longer hash")
    mobile_id.sign("SHA256", document)
    print("Mobile-ID: signature")
    smart_id = SmartId2(told)
    smart_id.log_in("SHA512")
    print("Smart-ID 2: log-in")
    smart_id.sign("SHA256", document)
    print("Smart-ID 2: choice of a certificate")
    print("Smart-ID 2: signature")
    SmartId3(told).log_in()
    print("Smart-ID 3: log-in")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Failure as failure:
        print(f"relying_party.py: {failure}", file=sys.stderr)
        sys.exit(1)
