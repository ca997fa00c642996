"""Trees as strangers write them, of numbers, texts, lists, tables: good ones with places that hold something else."""

import copy

from hypothesis import strategies as st

TEXTS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["", "\ud800", "\x1b[2J", "a\nb", "x" * 5000, "../../up.npy", "nan", "1e999", "con"]),
)
NUMBERS = st.one_of(
    st.integers(-2, 70), st.floats(), st.sampled_from([10**400, -(10**400), 2**63, -(2**63) - 1, 1 << 40, -0.0, 1e308])
)
LEAVES = st.one_of(NUMBERS, TEXTS, st.booleans(), st.none())
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def places(tree, path=()):
    """Where something stands in a tree: the keys that lead there."""
    yield path
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from places(value, (*path, key))


@st.composite
def changed(draw, good):
    """`good` with one to three places that hold something else, that are gone, or that are there twice."""
    tree = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(sorted(places(tree), key=repr)))
        if not path:
            tree = draw(st.one_of(st.just(tree), VALUES))
            continue
        at = tree
        for key in path[:-1]:
            at = at[key]
        match draw(st.sampled_from(["another", "another", "gone", "more"])):
            case "another":
                at[path[-1]] = draw(VALUES)
            case "gone":
                del at[path[-1]]
            case "more" if isinstance(at, list):
                at.append(copy.deepcopy(at[path[-1]]))
            case "more":
                at[draw(TEXTS)] = draw(VALUES)
    return tree
