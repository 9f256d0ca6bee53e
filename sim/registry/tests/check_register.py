#!/usr/bin/env python3
"""Checks a population register's export without using any code of the register.

    check_register.py EXPORT.csv --people 500000 --deceased 980

Every national ID's check digit, birth date and sex is worked out again from its digits (the
Estonian isikukood, EVS 585), no ID may occur twice, and the living and the dead are counted.
Exit code 0: all of it holds; 1: something does not, said on standard error; 2: wrong usage.
"""

import argparse
import csv
import datetime
import sys

HEADER = ["national_id", "birth_date", "sex", "status", "died_on"]
MOST_COMPLAINTS = 10


def check_digit(ten):
    """The last digit of a code that begins with these ten."""
    for first_weight in (1, 3):
        weights = [(first_weight - 1 + place) % 9 + 1 for place in range(10)]
        rest = sum(weight * int(digit) for weight, digit in zip(weights, ten)) % 11
        if rest < 10:
            return rest
    return 0


def day(text):
    """A date in the one form allowed; None for anything else."""
    if len(text) != 10:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def faults_of_id(code, birth_date, sex):
    """What the code itself shows to be wrong."""
    if len(code) != 11 or not (code.isascii() and code.isdigit()):
        return [f"{code!r} is not eleven digits"]
    faults = []
    if check_digit(code[:10]) != int(code[10]):
        faults.append(f"{code}: the check digit must be {check_digit(code[:10])}")
    century_and_sex = int(code[0]) - 1
    if not 0 <= century_and_sex <= 7:
        return faults + [f"{code}: there is no century {code[0]}"]
    century = 18 + century_and_sex // 2
    born = f"{century}{code[1:3]}-{code[3:5]}-{code[5:7]}"
    if day(born) is None or born != birth_date:
        faults.append(f"{code}: the code says born {born}, the register {birth_date}")
    expected_sex = ("male", "female")[century_and_sex % 2]
    if sex != expected_sex:
        faults.append(f"{code}: the code says {expected_sex}, the register {sex}")
    return faults


def faults_of_status(code, birth_date, status, died_on):
    """What is wrong about being alive or dead."""
    if status == "alive":
        return [f"{code}: alive, but died on {died_on}"] if died_on else []
    if status != "deceased":
        return [f"{code}: neither alive nor deceased but {status!r}"]
    died, born = day(died_on), day(birth_date)
    if died is None:
        return [f"{code}: deceased, but {died_on!r} is no day"]
    if born is not None and died < born:
        return [f"{code}: died on {died_on}, before being born"]
    return []


def check(rows, people, deceased):
    """Everything that is wrong with the register, a sentence each."""
    if next(rows, None) != HEADER:
        yield f"the first line is not {','.join(HEADER)}"
        return
    seen, dead = set(), 0
    for line, row in enumerate(rows, start=2):
        if len(row) != len(HEADER):
            yield f"line {line} has {len(row)} fields, not {len(HEADER)}"
            continue
        code, birth_date, sex, status, died_on = row
        yield from faults_of_id(code, birth_date, sex)
        yield from faults_of_status(code, birth_date, status, died_on)
        if code in seen:
            yield f"{code} occurs twice"
        seen.add(code)
        dead += status == "deceased"
    if len(seen) != people:
        yield f"{len(seen)} different people are registered, not {people}"
    if dead != deceased:
        yield f"{dead} of them are deceased, not {deceased}"


def main():
    parser = argparse.ArgumentParser(description="Checks a population register's export.")
    parser.add_argument("export", help="the register as CSV")
    parser.add_argument("--people", type=int, required=True, help="how many there must be")
    parser.add_argument("--deceased", type=int, required=True, help="how many must have died")
    arguments = parser.parse_args()
    with open(arguments.export, encoding="ascii", newline="") as export:
        rows = csv.reader(export, strict=True)
        try:
            faults = list(check(rows, arguments.people, arguments.deceased))
        except (csv.Error, UnicodeDecodeError) as error:
            faults = [f"not a CSV of plain characters: {error}"]
    for fault in faults[:MOST_COMPLAINTS]:
        print(fault, file=sys.stderr)
    if len(faults) > MOST_COMPLAINTS:
        print(f"and {len(faults) - MOST_COMPLAINTS} more", file=sys.stderr)
    if not faults:
        print(f"{arguments.people} people, {arguments.deceased} of them deceased: all is in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
