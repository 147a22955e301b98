"""The arithmetic of the walk: stepping, addresses, and what is known when."""

import numpy as np
import pytest
from explain_helpers import NOTATIONS, network, ticks
from hypothesis import given, settings
from hypothesis import strategies as st

from model.notation.profile import load_notation
from model.stages import GRANULARITIES, Ref, build_walk

FAST = settings(max_examples=40, deadline=None)


@st.composite
def walks(draw):
    layers = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    softmax = draw(st.booleans())
    activations = ("tanh",) * (len(layers) - 2) + ("softmax" if softmax else "sigmoid",)
    biases = draw(st.booleans())
    problem = network(
        layers,
        activations=activations,
        loss=draw(st.sampled_from(["half_squared_error", "cross_entropy"])),
        l2=draw(st.sampled_from([0.0, 0.1])),
        learning_rate=draw(st.sampled_from([None, 0.1])),
        bias_sharing=draw(st.sampled_from(["per_unit", "per_layer"])),
        train_biases=draw(st.booleans()),
        **({} if biases else {"biases": None}),
    )
    return build_walk(problem, draw(st.integers(1, 3)), load_notation(draw(st.sampled_from(NOTATIONS))).presentation)


@FAST
@given(walks(), st.sampled_from(GRANULARITIES), st.data())
def test_back_undoes_forward_from_every_boundary(walk, granularity, data):
    boundaries = [0, *ticks(walk, granularity)]
    i = data.draw(st.integers(0, len(boundaries) - 1))
    following = walk.next(boundaries[i], granularity)
    assert (following is None) == (i + 1 == len(boundaries))
    if following is not None:
        assert walk.previous(following, granularity) == boundaries[i]
    if i:
        assert walk.next(walk.previous(boundaries[i], granularity), granularity) == boundaries[i]
    else:
        assert walk.previous(0, granularity) is None


@FAST
@given(walks(), st.sampled_from(GRANULARITIES), st.data())
def test_steps_from_between_boundaries_reach_the_neighbouring_ones(walk, granularity, data):
    tick = data.draw(st.integers(1, walk.total - 1)) if walk.total > 1 else 1
    boundaries = [0, *ticks(walk, granularity)]
    assert walk.next(tick, granularity) == next((b for b in boundaries if b > tick), None)
    assert walk.previous(tick, granularity) == max(b for b in boundaries if b < tick)


@FAST
@given(walks(), st.sampled_from(GRANULARITIES), st.data())
def test_an_address_leads_back_to_its_tick(walk, granularity, data):
    tick = data.draw(st.integers(0, walk.total))
    assert walk.find(walk.address(tick, granularity)) == tick


@FAST
@given(walks(), st.data())
def test_nothing_later_is_known(walk, data):
    tick = data.draw(st.integers(0, walk.total))
    for i, stage in enumerate(walk.stages):
        for component in range(stage.components):
            entry = stage.entry(component)
            finished = tick >= walk.starts[i] + (component + 1) * stage.terms
            assert walk.known(entry, tick) == finished
        if walk.starts[i] >= tick:
            for quantity, layer in stage.reveals:
                assert not walk.known(Ref(quantity, layer), tick)
                assert not walk.known_mask(quantity, layer, (1,), tick).any()


@FAST
@given(walks(), st.data())
def test_masks_agree_with_single_numbers(walk, data):
    tick = data.draw(st.integers(0, walk.total))
    for stage in walk.stages:
        if stage.quantity in ("dW", "W_new") and not stage.inside:
            shape = stage.shape[::-1] if stage.transposed else stage.shape
            mask = walk.known_mask(stage.quantity, stage.layer, shape, tick)
            one_by_one = [[walk.known(Ref(stage.quantity, stage.layer, j, k), tick) for k in range(shape[1])] for j in range(shape[0])]
            np.testing.assert_array_equal(mask, one_by_one)


@FAST
@given(walks())
def test_everything_is_known_at_the_end_and_only_what_is_given_at_the_start(walk):
    for stage in walk.stages:
        for quantity, layer in stage.reveals:
            assert walk.known(Ref(quantity, layer), walk.total)
            assert not walk.known(Ref(quantity, layer), 0)
    for quantity in ("W", "b", "x", "y"):
        assert walk.known(Ref(quantity, 1), 0)
    assert walk.known(Ref("a", 0, 0), 0)


@FAST
@given(walks(), st.data())
def test_changing_the_granularity_keeps_the_stage(walk, data):
    tick = data.draw(st.integers(1, walk.total))
    places = {granularity: walk.place(tick, granularity) for granularity in GRANULARITIES}
    assert len({place.stage for place in places.values()}) == 1
    assert len({place.component for place in places.values()} - {None}) < 2
    for place in places.values():
        assert tick == walk.ends[place.stage] or place.component is not None, "a stage is not whole before its end"
        done = (tick - walk.starts[place.stage]) % walk.stages[place.stage].terms
        assert done == 0 or place.term == done - 1, "nor is a component"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("delta:9", "no micro-step"),
        ("nonsense", "allowed: start, end"),
        ("999", "0 to 14"),
        ("z:1:9", "components 0 to 1"),
        ("z:1:0:9", "terms 0 to 2"),
        ("z:-1", "no micro-step"),
        ("²", "no micro-step"),
        ("9" * 5000, "no micro-step"),
        ("z:1:2:3:4", "no micro-step"),
    ],
)
def test_a_wrong_address_is_refused_in_one_sentence(address, said):
    walk = build_walk(network((2, 2, 2)), 1, load_notation("dyda").presentation)
    with pytest.raises(ValueError, match=said) as caught:
        walk.find(address)
    assert "\n" not in str(caught.value)


def test_dyda_updates_a_layer_before_the_error_goes_below_it():
    walk = build_walk(network((2, 2, 2)), 1, load_notation("dyda").presentation)
    assert [stage.address for stage in walk.stages] == [
        "z:1", "a:1", "z:2", "a:2", "loss", "dLda:2", "delta:2", "dW:2", "W_new:2", "dLdX:2", "dLda:1", "delta:1", "dW:1", "W_new:1",
    ]  # fmt: skip


def test_jacob_forms_all_gradients_and_then_all_updates():
    walk = build_walk(network((2, 2, 2)), 1, load_notation("jacob").presentation)
    assert [stage.address for stage in walk.stages] == [
        "z:1", "a:1", "z:2", "a:2", "dadz:2", "dadz:1", "loss", "dLda:2", "db:2", "dW:2", "dLda:1", "db:1", "dW:1",
        "W_new:1", "b_new:1", "W_new:2", "b_new:2",
    ]  # fmt: skip


def test_biswas_goes_from_outputs_over_hidden_units_to_parameters():
    walk = build_walk(network((2, 2, 2, 2)), 1, load_notation("biswas").presentation)
    backward = [stage.address for stage in walk.stages if stage.phase == "backward" or stage.address == "dLda:3"]
    assert backward == [
        "dLda:3", "delta:3", "dLda:2", "delta:2", "dLda:1", "delta:1", "dW:1", "db:1", "dW:2", "db:2", "dW:3", "db:3",
    ]  # fmt: skip


def test_samples_are_combined_in_a_step_of_their_own():
    walk = build_walk(network(m=3), 3, load_notation("theta").presentation)
    addresses = [stage.address for stage in walk.stages]
    assert addresses.index("dW_sample:2") + 1 == addresses.index("dW:2")
    assert addresses.index("loss_sample") + 1 == addresses.index("loss")


@pytest.mark.parametrize("name", NOTATIONS)
@pytest.mark.parametrize("m", [1, 3])
def test_new_weights_are_shown_before_the_error_goes_back_through_them(name, m):
    problem = network((2, 3, 2), activations=("tanh", "sigmoid"), hidden_delta_uses="new", learning_rate=0.1)
    walk = build_walk(problem, m, load_notation(name).presentation)
    assert walk.find("W_new:2") < walk.find("dLda:1")
    assert len({stage.address for stage in walk.stages}) == len(walk.stages)
