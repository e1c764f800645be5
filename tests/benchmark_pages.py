"""Milliseconds of processor time and size of an advertiser's page: `python tests/benchmark_pages.py [PAGES]`.

Each page has ninety rules and two hundred rows at fault, each advertiser figures and sentences of its own. By hand:
figures of a shared machine are no test. The quickest tenth shows what the machine can do when nobody else uses it.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from dataclasses import replace

import html_samples as samples

from funnelcheck.render import html
from funnelcheck.reported import AdvertiserResult

PAGES, BATCH = 1_000, 10


def advertiser(place: int) -> AdvertiserResult:
    """A full page whose figures, sentences and rows no other has."""
    base = samples.full(f"advertiser-{place:05d}")
    findings = tuple(
        replace(one, message=f"{one.message} {place} of {place + 7}.", n=one.n + place, affected=one.affected + place)
        for one in base.findings
    )
    extracts = {
        code: samples.fault_rows(start=1_000 * place + 20 * i, total=3_412 + place)
        for i, code in enumerate(base.extracts)
    }
    stages = tuple(replace(one, events=one.events + place, leads=one.leads + place) for one in base.stages)
    return replace(base, findings=findings, extracts=extracts, stages=stages, events=base.events + place)


def main(number: int, *, profile: bool) -> None:
    """One line of figures, or a profile."""
    results = [advertiser(place) for place in range(number)]
    catalogue = samples.catalogue()
    html.pages(samples.run(results[0]), catalogue)
    alone = time.process_time()
    html.pages(samples.run(), catalogue)  # the portfolio and the catalogue stand in every batch
    alone = time.process_time() - alone
    if profile:
        with cProfile.Profile() as profiler:
            html.pages(samples.run(*results), catalogue)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30)
        return
    spent, sizes = [], []
    for start in range(0, number, BATCH):
        run = samples.run(*results[start : start + BATCH])
        begun = time.process_time()
        written = html.pages(run, catalogue)
        spent.append((time.process_time() - begun - alone) / len(run.advertisers) * 1_000)
        sizes += [len(text.encode()) for name, text in written.items() if name.startswith("advertiser-")]
    spent.sort()
    mean, quick = sum(spent) / len(spent), spent[len(spent) // 10]
    print(f"{number:,} pages: {mean:.1f} ms a page on average, {quick:.1f} ms in the quickest tenth of batches;")
    print(f"the largest has {max(sizes):,} bytes, the smallest {min(sizes):,}")


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--profile"]
    main(int(given[0]) if given else PAGES, profile="--profile" in sys.argv)
