#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Writes codes.jsonl: codes as scanners send them, each with its expected reading.

Nothing of the house's own code is used: every expectation follows from how the code was put
together here, and the check digits are computed by a second method (sums over positions counted
from the left, per length). Run it in this folder; the result is the same every time.

A line holds `code`, `today` (2026-11-23 unless named), and either `refused` or `read`: the
candidates besides the text, each `symbol: facts`, in order; `text` when it differs from the code;
`notes` when there are any.
"""

import calendar
import json
import random

dice = random.Random(20261123)
GS = "\x1d"
rows = []


def check(payload):
    """The GS1 check digit, counted from the left."""
    first = 3 if len(payload) % 2 == 1 else 1
    odd = sum(int(c) for c in payload[0::2])
    even = sum(int(c) for c in payload[1::2])
    total = odd * first + even * (4 - first)
    return str(-total % 10)


def whole(payload):
    return payload + check(payload)


def wrong(number):
    return number[:-1] + str((int(number[-1]) + dice.randint(1, 9)) % 10)


def digits(count):
    return "".join(dice.choice("0123456789") for _ in range(count))


def row(code, read=None, refused=None, text=None, notes=None, today=None):
    entry = {"code": code}
    if today:
        entry["today"] = today
    if refused:
        entry["refused"] = refused
    else:
        entry["read"] = read or []
    if text is not None and text != code:
        entry["text"] = text
    if notes:
        entry["notes"] = notes
    rows.append(entry)


def gtin(number):
    return number.rjust(14, "0")


def upce_long(short):
    n, d, c = short[0], short[1:7], short[7]
    if d[5] in "012":
        body = d[0:2] + d[5] + "0000" + d[2:5]
    elif d[5] == "3":
        body = d[0:3] + "00000" + d[3:5]
    elif d[5] == "4":
        body = d[0:4] + "00000" + d[4]
    else:
        body = d[0:5] + "0000" + d[5]
    return n + body


def eight(number):
    """The expected readings of eight digits."""
    read = []
    if number[-1] == check(number[:-1]):
        read.append(f"ean8: gtin={gtin(number)}")
    if number[0] in "01":
        long = upce_long(number)
        if check(long) == number[-1]:
            read.append(f"upc_e: gtin={gtin(long + number[-1])}")
    return read


def thirteen(number):
    read = []
    if number[:2] == "02" or number[0] == "2":
        read.append(f"restricted: prefix={number[:2]} body={number[2:12]} gtin={gtin(number)}")
    return read + [f"ean13: gtin={gtin(number)}"]


# Plain retail numbers, known by heart from packages and textbooks, then made ones.
for known in ["6901234567892", "4006381333931", "5901234123457", "9780201379624"]:
    assert whole(known[:-1]) == known
    row(known, thirteen(known))
    row("]E0" + known, thirteen(known), text=known)
for prefix in ["690", "691", "692", "693", "694", "695", "696", "697", "400", "977", "978", "000"]:
    for _ in range(4):
        number = whole(prefix + digits(9))
        row(number, thirteen(number))
    bad = wrong(number)
    row(bad, notes=["check_digit_wrong"])
    row("]E0" + bad, refused="scan.check_digit")
for _ in range(40):
    number = whole(digits(7))
    row(number, eight(number))
    short = dice.choice("01") + digits(6)
    short += check(upce_long(short + "0"))
    row(short, eight(short))
row("01234565", eight("01234565"))
row("]E496385074", ["ean8: gtin=00000096385074"], text="96385074")
row("]E496385075", refused="scan.check_digit")
# Both check digits fit: nobody may choose.
both = 0
while both < 6:
    number = dice.choice("01") + digits(7)
    if len(eight(number)) == 2:
        row(number, eight(number))
        both += 1
for _ in range(25):
    number = whole(dice.choice("013456789") + digits(10))
    row(number, [f"upc_a: gtin={gtin(number)}"])
for _ in range(25):
    number = whole(dice.choice("123456789") + digits(12))
    row(number, [f"itf14: gtin={number}"])
    if dice.random() < 0.3:
        row("]I1" + number, [f"itf14: gtin={number}"], text=number)
        row("]I1" + wrong(number), refused="scan.check_digit")
        row("]I0" + wrong(number), text=None, notes=["check_digit_wrong"])
        rows[-1]["text"] = rows[-1]["code"][3:]
for prefix in ["02"] + [str(n) for n in range(20, 30)]:
    for _ in range(2):
        number = whole(prefix + digits(10))
        row(number, thirteen(number))
for _ in range(15):
    number = whole(digits(17))
    row(number, [f"sscc: sscc={number}"])
row("006930123456789016"[:-1] + "7", notes=["check_digit_wrong"])
row("]E312345" , refused="scan.ai_length")

# Dates: the century by distance, day 00, leap years.
CENTURY = [
    ("2026-11-23", "26", 2026), ("2026-11-23", "76", 2076), ("2026-11-23", "77", 1977),
    ("2026-11-23", "99", 1999), ("2026-11-23", "00", 2000), ("2026-11-23", "75", 2075),
    ("2049-06-01", "00", 2000), ("2050-06-01", "00", 2100), ("2060-01-01", "10", 2110),
    ("2060-01-01", "11", 2011), ("1999-12-31", "49", 2049), ("1999-12-31", "50", 1950),
    ("2099-12-31", "48", 2148), ("2000-01-01", "50", 2050), ("2000-01-01", "51", 1951),
]
item = whole("0950600013435")
for today, short, year in CENTURY:
    for month, day in [("02", "00"), ("12", "00"), ("04", "00"), ("07", "15")]:
        last = calendar.monthrange(year, int(month))[1]
        shown = f"{year:04}-{month}-{last if day == '00' else int(day):02}"
        row(
            f"]C101{item}17{short}{month}{day}", [f"gs1: 01={item} 17={shown}"],
            text=f"01{item}17{short}{month}{day}", today=today)
for bad in ["261301", "260001", "260230", "270229", "260431", "260132", "269900", "260631"]:
    row(f"]d201{item}17{bad}", refused="scan.date_invalid")
row(f"]d201{item}17280229", [f"gs1: 01={item} 17=2028-02-29"], text=f"01{item}17280229")
row(f"]d201{item}1728022A", refused="scan.ai_charset")
row(f"]C101{item}70032612311459", [f"gs1: 01={item} 7003=2026-12-31T14:59:00"],
    text=f"01{item}70032612311459")
row(f"]C101{item}70032612001459", refused="scan.date_invalid")
row(f"]C101{item}70032612312459", refused="scan.date_invalid")
row(f"]C101{item}70032612311460", refused="scan.date_invalid")
row(f"]C101{item}7003261231145", refused="scan.ai_length")
row(f"]C101{item}800826123114", [f"gs1: 01={item} 8008=2026-12-31T14:00:00"],
    text=f"01{item}800826123114")
row(f"]C101{item}80082612311405", [f"gs1: 01={item} 8008=2026-12-31T14:05:00"],
    text=f"01{item}80082612311405")
row(f"]C101{item}8008261231140507", [f"gs1: 01={item} 8008=2026-12-31T14:05:07"],
    text=f"01{item}8008261231140507")
row(f"]C101{item}800826123114050", refused="scan.ai_length")

# Whole element strings in every way of writing them.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MARKS = "!\"%&'*+,-./:;=?_"


def name(longest):
    """A lot, serial or order; ends in a letter so that no date seems to hide in it."""
    length = dice.randint(0, longest - 1)
    pool = "0123456789" * 3 + LETTERS + MARKS
    return "".join(dice.choice(pool) for _ in range(length)) + dice.choice(LETTERS)


def date():
    year, month = dice.randint(2020, 2040), dice.randint(1, 12)
    last = calendar.monthrange(year, month)[1]
    day = dice.choice([0, dice.randint(1, last)])
    return f"{year % 100:02}{month:02}{day:02}", f"{year}-{month:02}-{day or last:02}"


def measure(base, unit):
    n = dice.randint(0, 5)
    raw = digits(6)
    shown = str(int(raw)) if n == 0 else f"{int(raw) // 10**n}.{int(raw) % 10**n:0{n}}"
    return f"{base}{n}", raw, f"{shown}{unit}"


def named(code, longest):
    data = name(longest)
    return code, data, data


def extras(kind):
    """Elements that may stand beside the key of `kind`, no two of which exclude each other."""
    found = []
    if kind in ("01", "02"):
        for code in ["11", "13", "15", "16", "17"]:
            if dice.random() < 0.3:
                found.append((code,) + date())
        if dice.random() < 0.6:
            found.append(named("10", 20))
        if dice.random() < 0.1:
            variant = digits(2)
            found.append(("20", variant, variant))
        for base, unit in [("310", "kg"), ("320", "lb"), ("311", "m"), ("315", "l")]:
            if dice.random() < 0.12:
                found.append(measure(base, unit))
        if dice.random() < 0.15:
            found.append(("422", "156", "156"))
        if dice.random() < 0.15:
            found.append(named("240", 30))
        if dice.random() < 0.1:
            found.append(named("241", 30))
        if dice.random() < 0.1:
            price = digits(6)
            found.append(("8005", price, price))
    if kind == "01":
        if dice.random() < 0.4:
            found.append(named("21", 20))
        if dice.random() < 0.15:
            found.append(named("22", 20))
        if dice.random() < 0.3:
            count = str(dice.randint(1, 99999999))
            found.append(("30", count, count))
            if dice.random() < 0.4:
                n, amount = dice.randint(0, 9), str(dice.randint(1, 10**8))
                found.append((f"392{n}", amount, f"{amount}/{n}"))
            elif dice.random() < 0.4:
                n, amount = dice.randint(0, 9), str(dice.randint(1, 10**8))
                found.append((f"393{n}", "156" + amount, f"{amount}/{n}@156"))
        if dice.random() < 0.05:
            found.append(named("8200", 40))
    if kind in ("00", "01") and dice.random() < 0.3:
        found.append(measure("330", "kg"))
    for code in ["410", "411", "412", "413", "414", "416", "417"]:
        if dice.random() < 0.05:
            place = whole(digits(12))
            found.append((code, place, place))
    if dice.random() < 0.15:
        found.append(named("400", 30))
    dice.shuffle(found)
    return found


def key(kind):
    if kind == "00":
        number = whole(digits(17))
        return [("00", number, number)]
    number = whole(digits(13))
    if kind == "01":
        return [("01", number, number)]
    count = str(dice.randint(1, 9999))
    both = [("02", number, number), ("37", count, count)]
    return both + (key("00") if dice.random() < 0.5 else [])


FIXED = ("00", "01", "02", "11", "12", "13", "15", "16", "17", "20", "31", "32", "33", "41")


def joined(elements, separator):
    text = ""
    for index, (code, data, _) in enumerate(elements):
        text += code + data
        if index < len(elements) - 1 and code[:2] not in FIXED:
            text += separator
    return text


def percent(data):
    return "".join(c if c.isalnum() or c in "-._" else f"%{ord(c):02X}" for c in data)


def link(elements):
    path = {c: d for c, d, _ in elements if c in ("01", "22", "10", "21")}
    address = "".join(f"/{c}/{percent(path[c])}" for c in ("01", "22", "10", "21") if c in path)
    rest = [f"{c}={percent(d)}" for c, d, _ in elements if c not in path]
    if dice.random() < 0.3:
        rest.append("linkType=gs1:pip")
    host = dice.choice(["https://id.gs1.org", "http://example.com/shop", "HTTPS://EXAMPLE.CN"])
    return host + address + ("?" + "&".join(rest) if rest else "")


def shown(elements, symbol="gs1"):
    return [symbol + ": " + " ".join(f"{c}={s}" for c, _, s in elements)]


def notes_of(elements):
    codes = [c for c, _, _ in elements]
    return ["sscc_elsewhere"] if "02" in codes and "00" not in codes else None


PREFIXES = ["]C1", "]d2", "]Q3", "]e0", "]J1"]
WRITTEN = [GS, "<GS>", "{GS}", "Alt029", "#", "~1", "^]"]
made = 0
while made < 300:
    kind = dice.choice(["01"] * 6 + ["02", "00"])
    elements = key(kind) + extras(kind)
    plain = joined(elements, GS)
    way = made % 5
    if way == 0:
        mark = dice.choice(PREFIXES)
        tail = dice.choice(["", "\r\n", "\r", "\t", "\n"])
        if len(plain) > 128:
            continue
        row(mark + plain + tail, shown(elements), text=plain, notes=notes_of(elements))
    elif way == 1:
        code = joined(elements, dice.choice(WRITTEN))
        if len(code) > 128:
            continue
        row(code, shown(elements), notes=notes_of(elements))
    elif way == 2:
        body = joined(elements, dice.choice(WRITTEN))
        if len(body) > 128:
            continue
        row(dice.choice(PREFIXES) + body, shown(elements), text=body, notes=notes_of(elements))
    elif way == 3:
        space = dice.choice(["", " "])
        body = space.join(f"({c}){d}" for c, d, _ in elements)
        if len(body) > 128:
            continue
        row(body, shown(elements), notes=notes_of(elements))
    else:
        if kind != "01":
            continue
        address = link(elements)
        if len(address) > 128:
            continue
        order = [e for c in ("01", "22", "10", "21") for e in elements if e[0] == c]
        order += [e for e in elements if e not in order]
        row(address, shown(order, "digital_link"))
    made += 1

# The reference vector in all its forms.
V20 = [("01", "09506000134352", "09506000134352"), ("17", "261200", "2026-12-31"),
       ("10", "LOT7", "LOT7"), ("30", "24", "24")]
for mark in [""] + PREFIXES:
    for separator in WRITTEN:
        body = joined(V20, separator)
        row(mark + body, shown(V20), text=body)
row("(01)09506000134352(17)261200(10)LOT7(30)24", shown(V20))
wide = "（０１）０９５０６０００１３４３５２（１７）２６１２００（１０）ＬＯＴ７（３０）２４"
row(wide, shown(V20), text="(01)09506000134352(17)261200(10)LOT7(30)24")
row("】C1" + joined(V20, "《GS》"), shown(V20), text=joined(V20, "<GS>"))

# Wrong element strings: marked ones are refused, by name.
for _ in range(12):
    mark = dice.choice(PREFIXES)
    number = whole(digits(13))
    bad = wrong(number)
    row(f"{mark}01{bad}17261200", refused="scan.check_digit")
    row(f"(01){bad}(10)A", refused="scan.check_digit")
    row(f"01{bad}10A", notes=["check_digit_wrong"])
    row(f"{mark}00" + wrong(whole(digits(17))), refused="scan.check_digit")
    row(f"{mark}414" + wrong(whole(digits(12))), refused="scan.check_digit")
good = item
BROKEN = [
    ("17261200", "scan.ai_pair_missing"), ("10LOT7", "scan.ai_pair_missing"),
    ("21S1", "scan.ai_pair_missing"), (f"02{good}", "scan.ai_pair_missing"),
    ("3710", "scan.ai_pair_missing"), ("3103001250", "scan.ai_pair_missing"),
    (f"01{good}392212", "scan.ai_pair_missing"), (f"02{good}3705{GS}21S", "scan.ai_pair_missing"),
    (f"415{whole('693012345678')}", "scan.ai_pair_missing"),
    (f"01{good}02{good}", "scan.ai_pair_forbidden"), (f"01{good}3710", "scan.ai_pair_forbidden"),
    (f"01{good}31030012503102000125", "scan.ai_pair_forbidden"),
    (f"01{good}301{GS}39221{GS}39321562", "scan.ai_pair_forbidden"),
    (f"01{good}21A{GS}235B", "scan.ai_pair_forbidden"),
    (f"01{good}10A{GS}10B", "scan.ai_repeated"), (f"01{good}01{whole('1234567890123')}",
                                                  "scan.ai_repeated"),
    (f"01{good}0512", "scan.ai_unknown"), (f"01{good}3106001250", "scan.ai_unknown"),
    (f"01{good}88", "scan.ai_unknown"), (f"01{good}LOT", "scan.ai_unknown"),
    (f"01{good[:10]}", "scan.ai_length"), (f"01{good}10{'A' * 21}", "scan.ai_length"),
    (f"01{good}10{GS}30", "scan.ai_length"), (f"01{good}30123456789", "scan.ai_length"),
    (f"01{good}1726120", "scan.ai_length"), (f"01{good}17261{GS}200", "scan.ai_length"),
    (f"01{good}10L T", "scan.ai_charset"), (f"01{good}10L@T", "scan.ai_charset"),
    (f"01{good}301x", "scan.ai_charset"), (f"01{good}310300125O", "scan.ai_charset"),
    (f"01{good}17261232", "scan.date_invalid"), (f"01{good}11261300", "scan.date_invalid"),
]
for body, refusal in BROKEN:
    row("]C1" + body, refused=refusal)
    row("]d2" + body, refused=refusal)
row(f"01{good}17261232", notes=["element_string_wrong"])
row(f"01{good}02{good}", notes=["element_string_wrong"])
row(f"01{good}10A{GS}10A", [f"gs1: 01={good} 10=A"])
row(f"(01){good}(3103)001250", [f"gs1: 01={good} 3103=1.250kg"])
row(f"01{good}10LOT717261200", [f"gs1: 01={good} 10=LOT717261200"],
    notes=["separator_maybe_lost"])
row("https://example.com/01/09506000134353", notes=["check_digit_wrong"])
row("https://example.com/01/09506000134352/21/A/10/B")
row("https://example.com/products/42")
row("https://example.com/01/6901234567892", ["digital_link: 01=06901234567892"])
row("https://example.com/00/006930123456789016", ["digital_link: 00=006930123456789016"])

# Our own codes, and texts that are only texts.
for place in ["A-03", "A-03-2", "DOCK", "z1", "%P", "12345678"]:
    row("%P" + place, [f"place: {place}"])
for verb in ["UNDO", "NEXT", "FINISH", "CANCEL", "CONFIRM", "RECEIVE", "SHIP", "MOVE", "LOOKUP"]:
    row("%C" + verb, [f"command: {verb}"])
    row("%c" + verb.lower(), [f"command: {verb}"])
for n in ["1", "12", "9999"]:
    row("%CX" + n, [f"command: X{n}"])
for bad in ["%CX0", "%CX10000", "%CX", "%CFOO", "%CX1A"]:
    row(bad, notes=["command_unknown"])
for text in ["ABC-123", "C#2", "a~1b", "10W-40", "No. 7 (10)", "螺丝 M8", "%", "%P", "(abc)", "90210",
             "1234567", "10ABC", "37x", "<GS>", "x^]y", "[)>\x1e06\x1dP123\x1dQ5\x1e\x04"]:
    row(text)
row("*CODE39*", text="CODE39")
row("*6901234567892*", thirteen("6901234567892"), text="6901234567892")
row("]A0*AB*", text="AB")
row("６９０１２３４５６７８９２", thirteen("6901234567892"), text="6901234567892")
row("  6901234567892\r\n", thirteen("6901234567892"), text="6901234567892")
row("\x026901234567892\x03", thirteen("6901234567892"), text="6901234567892")
row("\ufeff6901234567892", thirteen("6901234567892"), text="6901234567892")
for empty in ["", "   ", "\r\n", "\t", "]C1", "]E0", "\x1d"]:
    row(empty, refused="scan.code_empty")
for control in ["A\x00B", "A\x07B", "6901234\n567892", "A\x7fB", "A\x85B", "A\tB"]:
    row(control, refused="scan.code_control")
row("A" * 128)
row("A" * 129, refused="scan.code_too_long")
row("字" * 128)
row("字" * 129, refused="scan.code_too_long")
row("]C1" + "A" * 5000, refused="scan.code_too_long")

seen = set()
with open("codes.jsonl", "w", encoding="utf-8") as file:
    for entry in rows:
        line = json.dumps(entry, ensure_ascii=True)
        if line not in seen:
            seen.add(line)
            file.write(line + "\n")
print(len(seen), "codes,", sum("refused" in e for e in rows), "refused")
