"""Recorded arrivals, mapped and hurried."""

from itertools import islice, pairwise

import pytest

from tools.simulation.arrivals import Badge, Temperament, arrivals, badges, recorded_stays


def test_four_weeks_of_sessions_are_shipped() -> None:
    stays = recorded_stays()
    assert len(stays) > 1000
    assert [stay.at for stay in stays] == sorted(stay.at for stay in stays)
    assert all(stay.stay > 0 and stay.delivered >= 0 for stay in stays)


def test_ten_fold_arrivals_are_the_same_cars_ten_times_sooner_and_shorter() -> None:
    usual = list(islice(arrivals(seed=1), 300))
    hurried = list(islice(arrivals(seed=1, factor=10.0), 300))
    for slow, fast in zip(usual, hurried, strict=True):
        assert fast.at == pytest.approx(slow.at / 10)
        assert fast.needs == pytest.approx(slow.needs / 10)
        assert fast.badge == slow.badge
        assert fast.vehicle.phases == slow.vehicle.phases
        assert fast.vehicle.maximum == slow.vehicle.maximum
        assert fast.needs / fast.vehicle.battery == pytest.approx(slow.needs / slow.vehicle.battery)


def test_the_same_seed_brings_the_same_cars_and_another_one_others() -> None:
    first, again, other = (list(islice(arrivals(seed=s), 50)) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_no_night_is_waited_through_and_the_recording_never_ends() -> None:
    many = list(islice(arrivals(), 3000))
    gaps = [b.at - a.at for a, b in pairwise(many)]
    assert min(gaps) >= 0
    assert max(gaps) <= 1200


def test_whoever_was_there_when_the_replay_begins_comes_at_once() -> None:
    """The first minutes fill the site; their stays end when they ended in life."""
    begin = 14 * 3600.0
    present = [stay for stay in recorded_stays() if stay.at < begin < stay.at + stay.stay]
    first = list(islice(arrivals(begin=begin), len(present)))
    assert len(present) > 30
    assert first[-1].at <= 1200
    longest = max(stay.at + stay.stay for stay in present) - begin
    assert max(arrival.stay for arrival in first) == pytest.approx(longest)
    short = list(islice(arrivals(begin=begin, stay_share=0.5), len(present)))
    assert [s.stay for s in short] == pytest.approx([max(30.0, f.stay / 2) for f in first])


def test_the_cars_are_of_all_kinds() -> None:
    """EL-7, LM-10: 1, 2 and 3 phases, sleepers, some that draw more than they may."""
    mood = Temperament(sleepers=0.1, overdrawing=0.1, ignoring=0.1)
    specs = [arrival.vehicle for arrival in islice(arrivals(temperament=mood), 500)]
    assert {spec.phases for spec in specs} == {1, 2, 3}
    assert 20 < sum(spec.sleeps_after is not None for spec in specs) < 90
    assert 20 < sum(spec.overdraw > 0 for spec in specs) < 90
    assert 20 < sum(spec.ignores_pilot for spec in specs) < 90


def test_drivers_bring_the_badges_they_were_given() -> None:
    """LM-5: VIPs among them."""
    assert sum(badge.vip for badge in badges(60, 4)) == 4
    assert len({badge.id_tag for badge in badges(60)}) == 60
    own = [Badge("X1"), Badge("X2", vip=True)]
    assert {arrival.badge for arrival in islice(arrivals(drivers=own), 50)} == set(own)
