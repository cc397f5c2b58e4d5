#!/usr/bin/env python3
"""Learns the table that judges the lines of a page (`data/lines.txt`), and tells how good it is.

    train.py --features ADAPTER --corpus DIR [--corpus DIR …] [--out data/lines.txt] [--halves]

ADAPTER is the crate's example `features`, built for release. DIR holds `index.jsonl` or `index.jsonl.gz`, one page a
line: {"id", "url", "html_path", "gold": {"text"}}; the pages may be gzipped. Nothing of the corpus is in this repository.

With --halves nothing is written: the pages are parted in two by their sites, each half is judged by what the other one
taught, and the word F1 of both is printed; that is what a page of an unknown site may expect. How it works: README.md.
"""
import argparse
import collections
import gzip
import hashlib
import itertools
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlparse

import lightgbm
import numpy
from rapidfuzz.distance import LCSseq

# A Han character, a kana or a Hangul syllable is a word.
WORD = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]|[^\W\u3040-\u9fff\uac00-\ud7a3]+")
SHAPE = dict(n_estimators=64, num_leaves=16, learning_rate=0.12, min_child_samples=80, subsample=0.7, subsample_freq=1,
             colsample_bytree=0.5, reg_lambda=5, max_bin=63, n_jobs=1, verbose=-1, seed=7, deterministic=True)


def words(text):
    return WORD.findall((text or "").lower())


def read(corpus):
    index = Path(corpus) / "index.jsonl"
    opened = open(index, encoding="utf-8") if index.exists() else gzip.open(f"{index}.gz", "rt", encoding="utf-8")
    with opened:
        return [json.loads(line) for line in opened]


def ask(adapter, corpus, pages):
    """The lines of each page, and their numbers."""
    with tempfile.TemporaryDirectory() as folder:
        questions = []
        for number, page in enumerate(pages):
            data = (Path(corpus) / page["html_path"]).read_bytes()
            path = Path(folder) / f"{number}.html"
            path.write_bytes(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
            questions.append(json.dumps({"id": page["id"], "url": page.get("url"), "html_path": str(path)}))
        with tempfile.TemporaryFile() as asked:
            asked.write("\n".join(questions).encode())
            asked.seek(0)
            running = subprocess.Popen([adapter], stdin=asked, stdout=subprocess.PIPE)
            for line in running.stdout:
                answer = json.loads(line)
                yield [words(text) for text in answer["lines"]], numpy.array(answer["rows"], numpy.float32)
            if running.wait():
                sys.exit("the adapter failed")


def in_gold(lines, gold):
    """The share of each line that is in the gold text, in its order: so a menu's word is not taken for the article's."""
    flat = [word for line in lines for word in line]
    owner = [at for at, line in enumerate(lines) for _ in line]
    hits = numpy.zeros(len(lines))
    for step in LCSseq.opcodes(flat, gold):
        if step.tag == "equal":
            for at in range(step.src_start, step.src_end):
                hits[owner[at]] += 1
    return hits / numpy.maximum([len(line) for line in lines], 1)


def site(page):
    host = urlparse(page.get("url") or "").netloc.split(":")[0].split(".")
    short = len(host) > 2 and len(host[-1]) == 2 and host[-2] in ("co", "com", "org", "gov", "ac", "net", "edu")
    return ".".join(host[-(3 if short else 2):]) or page["id"]


def f1(predicted, gold):
    if not gold or not predicted:
        return float(not gold and not predicted)
    both = sum((collections.Counter(predicted) & collections.Counter(gold)).values())
    return 2 * both / (len(predicted) + len(gold))


class Corpus:
    def __init__(self, adapter, folders):
        parts = [(folder, read(folder)) for folder in folders]
        self.pages = [page for _, pages in parts for page in pages]
        self.gold = [words(page["gold"]["text"]) for page in self.pages]
        self.lines, rows, wanted, weight, of = [], [], [], [], []
        answers = itertools.chain.from_iterable(ask(adapter, folder, pages) for folder, pages in parts)
        for at, (lines, numbers) in enumerate(answers):
            self.lines.append(lines)
            if not lines:
                continue
            rows.append(numbers)
            of += [at] * len(lines)
            wanted.append(in_gold(lines, self.gold[at]) >= 0.5)
            # A long line counts more than a short one, and each page as much as any other; a page whose gold is empty
            # would teach that nothing is content.
            size = numpy.maximum([len(line) for line in lines], 0.5) ** 0.7
            weight.append(size / size.sum() * (100 if self.gold[at] else 0))
        self.rows, self.of = numpy.concatenate(rows), numpy.array(of)
        self.wanted, self.weight = numpy.concatenate(wanted), numpy.concatenate(weight)
        self.half = numpy.array([hashlib.md5(site(page).encode()).digest()[-1] % 2 for page in self.pages])

    def learn(self, which):
        which = which & (self.weight > 0)
        table = lightgbm.LGBMRegressor(objective="cross_entropy", **SHAPE)
        return table.fit(self.rows[which], self.wanted[which].astype(float), sample_weight=self.weight[which])

    def judge_halves(self):
        """Word F1 by kind of page and half, each half judged by the other's table."""
        scores = collections.defaultdict(list)
        for half in (0, 1):
            chances = self.learn(self.half[self.of] != half).predict(self.rows)
            for at in numpy.flatnonzero(self.half == half):
                lines = zip(self.lines[at], chances[self.of == at]) if self.lines[at] else []
                score = f1([word for line, chance in lines if chance > 0.37 for word in line], self.gold[at])
                for kind in ("all", self.pages[at].get("page_type", "article")):
                    scores[kind].append((half, score))
        for kind, of in sorted(scores.items()):
            parts = [numpy.mean([score for h, score in of if h in halves]) for halves in ((0, 1), (0,), (1,))]
            print(f"{kind:14}{len(of):5}  F1 {100 * parts[0]:5.1f}   halves {100 * parts[1]:5.1f} {100 * parts[2]:5.1f}")


def tree(node):
    if "leaf_value" in node:
        return f"={node['leaf_value']:.4g}"
    return f"{node['split_feature']}<{node['threshold']:.5g} {tree(node['left_child'])} {tree(node['right_child'])}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--features", required=True)
    options.add_argument("--corpus", required=True, action="append")
    options.add_argument("--out", default=str(Path(__file__).parent.parent / "data/lines.txt"))
    options.add_argument("--halves", action="store_true")
    chosen = options.parse_args()
    corpus = Corpus(chosen.features, chosen.corpus)
    if chosen.halves:
        return corpus.judge_halves()
    model = corpus.learn(numpy.ones(len(corpus.of), bool)).booster_.dump_model()
    with open(chosen.out, "w", encoding="utf-8") as file:
        file.write("# Whether a line is of its page's content. Written by train/train.py; see train/README.md.\n")
        for one in model["tree_info"]:
            file.write(tree(one["tree_structure"]) + "\n")


if __name__ == "__main__":
    main()
