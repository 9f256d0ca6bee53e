"""Has Estonia's own library (libdigidocpp, through pydigidoc) judge signed documents.

usage: judge.py FOLDER LIST SIGNER CONTAINER...

FOLDER    an empty folder for the library's schemas and its copy of the list
LIST      the trusted list, XML
SIGNER    the certificate of the list's signer, DER
CONTAINER documents to judge; prints `accepted NAME` or `refused NAME: why` for each
"""

import pathlib
import shutil
import sys

import pydigidoc


def told(error: BaseException) -> str:
    return " / ".join(str(error).split("\n"))[:400]


def main(folder: str, trusted: str, signer: str, containers: list[str]) -> None:
    place = pathlib.Path(folder)
    schemas = pathlib.Path(pydigidoc.__file__).parent / "schema"
    for schema in schemas.iterdir():
        shutil.copy(schema, place)
    shutil.copy(trusted, place / "trust-list.xml")
    conf = pydigidoc.DigiDocConf(str(place))
    conf.set_tslcert(pathlib.Path(signer).read_bytes())
    conf.set_tslurl("http://localhost/trust-list.xml")
    pydigidoc.Conf.init(conf.transfer())
    pydigidoc.initialize("judge")
    for path in containers:
        name = pathlib.Path(path).name
        try:
            document = pydigidoc.Container.open(path)
            signatures = list(document.signatures())
            if len(signatures) != 1:
                print(f"refused {name}: {len(signatures)} signatures")
                continue
            signatures[0].validate()
            print(f"accepted {name}: {signatures[0].signed_by()} {signatures[0].profile()}")
        except Exception as error:  # the library throws types of its own
            print(f"refused {name}: {told(error)}")
    pydigidoc.terminate()


main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
