"""Write encode-v1.json anew: run after a deliberate change of the schema, then review the difference.

The persons are fictitious. The file fixes the parts and grams they give, so that an encoder in any language can be
checked without a normaliser.
"""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path

from linkage.encode.filters import FilterEncoder
from linkage.encode.parts import grams_of, parts_of
from linkage.encode.roundkey import RoundKey, round_check_value
from linkage.encode.tokens import TokenEncoder
from linkage.normalise import normalise
from linkage.normalise.person import RawPerson
from linkage.schema import load_schema

KEY = bytes(range(32))
CASES = {
    "full": RawPerson(
        "欧阳小娜", "11010519491231002X", "女", "1949-12-31", address="三汊乡何集村14组21号", phone="14100000000"
    ),
    "no-number": RawPerson("张伟", "", "男", "1985年7月2日", address="青塘镇袁寨社区3号楼2单元402室"),
    "age-only": RawPerson("单玉芳", "", "女", "", "45", "龙泉乡高湾村", age_on=date(2026, 3, 1)),
    "masked-number": RawPerson("吴昇", "327024********0773", "", "1955.11.8"),
    "dotted-name": RawPerson("阿卜来提•如则托合提", "", "男", "1990-01-01"),
    "masked-name": RawPerson("张某某", "", "男", "1990-01-01"),
    "empty": RawPerson(),
}


def main() -> None:
    schema, key = load_schema("person-v1"), RoundKey(KEY)
    tokens, filters = TokenEncoder(schema, key), FilterEncoder(schema, key)
    cases = []
    for name, raw in CASES.items():
        person = normalise(raw, as_of=date(2026, 10, 31))
        parts, grams = parts_of(person, "2026刑初1号"), list(grams_of(person))
        row = tokens.encode(parts)
        cases.append(
            {
                "id": name,
                "parts": parts,
                "grams": grams,
                "tokens": [row[i : i + 16].hex() for i in range(0, len(row), 16)],
                "filter": base64.b64encode(filters.encode([grams]).tobytes()).decode(),
            }
        )
    content = {
        "about": "tests/encode/test_vectors.py states the format; made by make_encode_vectors.py",
        "schema_digest": schema.digest,
        "round_key": KEY.hex(),
        "round_check_value": round_check_value(key).hex(),
        "cases": cases,
    }
    file = Path(__file__).with_name("encode-v1.json")
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
