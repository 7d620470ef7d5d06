#!/usr/bin/env python3
"""Writes yaml_write.json from the real helm: record_yaml_write.py PATH_OF_HELM

Each entry is a value and what helm's toYaml and toYamlPretty print for it. The values are the
ones below: every rule of go-yaml's emitter by hand, then a seeded mixture."""
import json
import os
import random
import subprocess
import sys
import tempfile

WORDS = ["", "~", "null", "Null", "NULL", "nULL", "true", "True", "tRue", "yes", "yEs", "y", "N",
         "off",
         "oFF", "type", "on", "<<", "=", ".inf", "+.Inf", "-.INF", ".nan", ".NAN", ".Nan"]
NUMBERS = ["0", "-0", "1", "-1", "+1", "0777", "08", "0o17", "0x1F", "0x", "0xG", "0b1", "0b2",
           "-0b11", "1_000",
           "_1", "1_", "1.", ".5", "-.5", ".", "1e3", "1e", "1e400", "1e-400", ".e5", "1.5e+3",
           "500m", "1Gi",
           "10.0.0.1", "18446744073709551615", "18446744073709551616", "-9223372036854775809",
           "1:30", "1:60", "190:20:30", "1:30.5", "-1:30", "1:30:", "12:", "2020-01-02",
           "2020-1-2", "2020-13-01",
           "2020-02-30", "20200-1-1", "2020-01-02T03:04:05Z", "2020-1-2t3:4:5.6+01:00",
           "2020-01-02 03:04:05",
           "2020-01-02 03:04:05Z", "2020-01-02T03:04:05", "2020-01-02T25:04:05Z"]
SYNTAX = [" a", "a ", "  ", "a b", "a  b", "#a", "a#b", "a #b", "a\t#b", "a:b", "a: b", "a:", ":",
          ":a", ": a",
          "-", "- a", "-a", "--", "---", "--- a", "---a", "...", "....", "?", "? a", "?a", ",a",
          "a,b", "[a", "a]",
          "{a", "a}", "&a", "*a", "!a", "|a", ">a", "'a", "a'b", "'", "''", '"a', 'a"b', "%a",
          "@a", "`a", "a\\b",
          "it's: so", "\"q\": 'x'", "/", "$a", "<a", "+", "a\tb", "\t"]
UNICODE = ["é", "é: ü", " é", "é #", "\u00a0", "a\u00a0b", "中文", "\ufeff", "\ufeffa b", "a\ufeffb",
           "😀", "a 😀", "\u0000",
           "a\u0007\b\u000b\f\u001b\u0001", "a\rb", "a\r\nb", "\u2028", "a\u2028b", "a\u2028",
           "\u2028a", "a\u2028\u2029b'c",
           "a \u2028b", "a\u2028 b", "\u007f", "\u0080", "a\u0085b", "a \u0085\u0085 b",
           "\u0085--- a", "\u0085---a",
           "\uffff", "\ufffe", "\ufffd", "\u200b", "\ue000"]
LINES = ["\n", "\n\n", "a\n", "a\n\n", "a\nb", "a\n\nb\n", "\na", "\n\n a", " a\nb", "a\n b\n",
         "a \nb", "a\nb ", "a\n\tb",
         "a\tb\nc\t\n", "a\n#b: c\n- d", "a\u2028b\nc\u2028", "a\nb\u2028", "a\u2028\n",
         "\u2028\na", "é\nü\n", "😀\n", "a\n\ufeffb",
         "a\n\u0001", "1\n2", "a\n" + "long line " * 20 + "\nb\n"]


def long_texts():
    texts = []
    for quoting in ["", ": ", "\t", "'", "é", "\\ \""]:
        for size in range(76, 86):
            texts.append("x" * size + quoting + " y z  w " + "v" * 90 + " u")
        texts.append(quoting + "word " * 60)
        texts.append(quoting + "two  blanks  " * 30)
        texts.append(quoting + ("it's 'q' " * 40).strip())
    texts.append("é" * 79 + " b c d")
    texts.append("😀 " * 60)
    texts.append("\ufeff " + "a b " * 60)
    texts.append("a\u2028" + "b " * 60 + "\u2029c d")
    return texts


KEYS = WORDS + SYNTAX + UNICODE + LINES + ["1", "1.5", "1:30", "2020-01-02"]
KEYS += [c * n for c in "k" for n in (127, 128, 129, 1022, 1023)]
KEYS += ["é" * 64, "é" * 65, "é" * 1022, "é" * 1023, "<" * 170, "<" * 171, "\"" * 511, "\"" * 512]
KEYS += ["word " * 30 + "end", "a: " * 60 + "end", "\t" * 30 + " word" * 30]
ORDER = ["-x", "_x", "1a", "01", "1", "A", "B", "X", "a", "a-b", "a.b", "a_b", "a1", "a9", "a10",
         "aa", "b", "x.y", "x/y", "é"]
PAIRS = [("a1b", "a1-"), ("a1b", "a1."), ("a01", "a1"), ("a10", "a9"), ("a100", "a10b"), ("a٣",
         "a3"), ("é1", "é-"),
         ("a9999999999999999999", "a1"), ("a1é", "a1-"), ("1b", "1-"), ("a0", "a00"), ("a", "a0")]
NUMERIC = [0.0, -0.0, 1, -1, 999999, 1000000, 123456.5, 1234567.5, 1e15, 9007199254740991,
           9007199254740993,
           123456789012345680, 9223372036854774784, 9223372036854775808, -9223372036854775808,
           18446744073709549568,
           18446744073709551616, 1e19, 1e20, 1e21, 1e-6, 1e-7, 0.1, -2.5e-10, 5e-324,
           1.7976931348623157e308, True, False, None]
NESTED = [[], {}, [[]], [{}], {"a": []}, {"a": {}}, [[[1], 2], [3]], {"a": [1, {"b": [2],
          "c": {"d": []}}]},
          [{"a": 1, "b": [1, 2]}, {"c": {"d": 1}}], {"a": [[1, 2], {"x": "y\nz"}], "b": "l1\nl2\n",
          "c": ["m\n", "n\n\n"]},
          {"k\n1": [1, [2]], "k\n2": {"a": 1, "b": 2}, "k\n3": [], "k\n4": {}, "k\n5": "v",
          "k\n6": "v\nw"},
          {"k" * 129: {"l" * 130: ["m", {"n" * 131: "word " * 30}]}}, [["x\ny", "z"],
          "p\u2028\nq\u2028"]]


def mixture(count):
    rng = random.Random(20)
    pieces = [" ", "  ", "\t", "\n", "\r", "\u2028", "\u00a0", "é", "😀", "word", "a", "0", "1",
              "-", ".", ": ", " #", "?", "[",
              "'", '"', "\\", "x" * 20, "y" * 40]
    prose = ["word", "of", "x" * 10, "é", "'", ": ", "\\", '"', " ", " ", " ", "  "]
    for i in range(count):
        chosen = rng.choice([pieces, prose])
        text = "".join(rng.choice(chosen) for _ in range(rng.randint(2, 40)))
        yield [text, {"key": {"deeper": [text]}}, {text: text}][i % 3]


def values():
    for text in WORDS + NUMBERS + SYNTAX + UNICODE + LINES:
        yield text
        yield {"a": [text], "b": text}
    for text in long_texts():
        yield {"key": text}
    yield [text for text in long_texts()[:12]]
    for key in KEYS:
        yield {key: "v"}
    yield {key: 1 for key in ORDER}
    for pair in PAIRS:
        yield {key: 1 for key in pair}
    yield from NUMERIC
    yield [NUMERIC]
    yield from NESTED
    yield from mixture(150)


def main():
    helm = os.path.realpath(sys.argv[1])
    entries = list(values())
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/templates")
        with open(f"{folder}/Chart.yaml", "w") as out:
            out.write("apiVersion: v2\nname: c\nversion: 1.0.0\n")
        with open(f"{folder}/values.json", "w") as out:
            json.dump({"data": [json.dumps(v) for v in entries]}, out)
        with open(f"{folder}/templates/t.yaml", "w") as out:
            out.write('{{ range .Values.data }}{{ $v := mustFromJson . }}'
                      '{{ list (toYaml $v) (toYamlPretty $v) | mustToRawJson | printf "#%s\\n" }}'
                      '{{ end }}')
        printed = subprocess.run([helm, "template", "r", folder, "-f", f"{folder}/values.json"],
                                 check=True, stdout=subprocess.PIPE).stdout.decode()
    results = [json.loads(line[1:]) for line in printed.split("\n") if line.startswith("#[")]
    assert len(results) == len(entries), (len(results), len(entries))
    here = os.path.dirname(os.path.abspath(__file__))
    with open(f"{here}/yaml_write.json", "w") as out:
        lines = [json.dumps([v, *result]) for v, result in zip(entries, results)]
        out.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
