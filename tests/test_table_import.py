"""Tables of others: every way of writing them that is met, what is guessed, and every refusal with its row and column."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.data.table_import import ImportRefused, Layout, Table, decoded, guess_roles, read_npz, read_table, read_text, samples_from, sniff

IRIS = "length,width,species\n5.1,3.5,setosa\n7.0,3.2,versicolor\n6.3,3.3,virginica\n4.9,3.0,setosa\n"


def taken(text, roles=None, layout=None):
    table = read_table(text, layout)
    return samples_from(table, roles or guess_roles(table))


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("0,0,1\n1,0,0\n", Layout(",", ".", False)),
        ("a,b,y\n0.5,1,0\n2.5,1,1\n", Layout(",", ".", True)),
        ("a;b;y\n0,5;1;0\n2,5;1;1\n", Layout(";", ",", True)),
        ("0,5\t1,5\t0\n2,5\t1\t1\n", Layout("\t", ",", False)),
        ("0.5  1.5 0\n2.5  1   1\n", Layout(" ", ".", False)),
        ('"0,5","1,5"\n"2,5","1,0"\n', Layout(",", ",", False)),
        ("0.5, 1.5, 0\n2.5, 1.0, 1\n", Layout(",", ".", False)),
        (IRIS, Layout(",", ".", True)),
        ("red,blue\nblue,red\n", Layout(",", ".", False)),
    ],
)
def test_the_way_a_table_is_written_is_recognised(text, layout):
    assert sniff(text) == layout


def test_the_guess_can_be_overruled():
    table = read_table("1,5\n2,5\n", Layout(";", ",", False))
    assert table.rows == (("1,5",), ("2,5",))
    assert samples_from(table, ["input"]).x.tolist() == [[1.5], [2.5]]
    assert read_table("1,5\n2,5\n", Layout(",", ".", True)).rows == (("2", "5"),)


def test_classes_become_one_output_each_in_order():
    samples = taken(IRIS)
    assert samples.x.tolist() == [[5.1, 3.5], [7.0, 3.2], [6.3, 3.3], [4.9, 3.0]]
    assert samples.classes == ("setosa", "versicolor", "virginica")
    assert samples.y.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert samples.target_names[1] == "species = versicolor"


def test_classes_that_are_numbers_are_ordered_by_size():
    assert taken("1,10\n1,9\n1,2\n", ["input", "classes"]).classes == ("2", "9", "10")


def test_columns_take_the_roles_they_are_given():
    samples = taken("x,y,id,t\n1,2,a,3\n4,5,b,6\n", ["target", "input", "left out", "target"])
    assert samples.x.tolist() == [[2], [5]]
    assert samples.y.tolist() == [[1, 3], [4, 6]]


def test_nothing_is_normalised():
    assert taken("1000,0.001,7\n", ["input", "input", "target"]).x.tolist() == [[1000.0, 0.001]]


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("a,b,target\n1,2,3\n", ("input", "input", "target")),
        ("y,a\n1,2\n3,4\n", ("target", "input")),
        ("name,a,class\nx,1,u\nz,2,v\n", ("left out", "input", "classes")),
        ("1,2\n3,4\n", ("input", "target")),
        ("1\n2\n", ("input",)),
    ],
)
def test_roles_are_guessed_from_names_and_words(text, roles):
    layout = Layout(",", ".", text[0].isalpha())
    assert guess_roles(read_table(text, layout)) == roles


@pytest.mark.parametrize("cell", ["abc", "", "1_000", "nan", "inf", "1e999", "12%", "1 2", "0x10", "1.2.3", "٣x"])
def test_a_cell_that_is_no_number_is_refused_with_row_and_column(cell):
    with pytest.raises(ImportRefused, match="Row 4, column 2 \\(b\\)") as refused:
        taken(f"a,b,y\n1,2,3\n\n4,{cell},6\n", ["input", "input", "target"], Layout(",", ".", True))
    assert (refused.value.row, refused.value.column) == (4, 2)
    assert str(refused.value).count("\n") == 0
    assert "allowed:" in str(refused.value)


def test_the_other_decimal_mark_is_suggested():
    with pytest.raises(ImportRefused, match="choose the decimal comma"):
        taken("0,5;1\n", ["input", "target"], Layout(";", ".", False))
    with pytest.raises(ImportRefused, match="choose the decimal point"):
        taken("0.5;1\n", ["input", "target"], Layout(";", ",", False))


def test_thousands_are_not_guessed_at():
    with pytest.raises(ImportRefused, match="Row 1, column 1"):
        taken("1.234,5;1\n", ["input", "target"], Layout(";", ",", False))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,2\n3,4,5\n", "Row 2 has 3 cells, but row 1 has 2"),
        ("\n1,2\n3\n", "Row 3 has 1 cell, but row 2 has 2"),
        ("", "no row of numbers"),
        ("\n \n", "no row of numbers"),
        (",".join("1" * 1001), "1,001 columns"),
        ('1,"' + "a" * 200_000 + '"', "cannot be split"),
    ],
)
def test_a_table_that_is_none_is_refused(text, sentence):
    with pytest.raises(ImportRefused, match=sentence):
        read_table(text, Layout())


@pytest.mark.parametrize(
    ("cell", "sentence"), [("abc", r"Row 3, column 1 \(length\): “abc” is not a number"), ("", r"Row 3, column 1 \(length\) is empty")]
)
def test_a_mistake_below_a_header_leaves_it_a_header(cell, sentence):
    table = read_table(f"length,width,kind\n5.1,3.5,a\n{cell},3.0,b\n4.7,3.2,a\n")
    assert table.names == ("length", "width", "kind")
    with pytest.raises(ImportRefused, match=sentence):
        samples_from(table, ["input", "input", "classes"])


def test_a_header_without_rows_is_refused():
    with pytest.raises(ImportRefused, match="no row of numbers"):
        read_table("a,b\n", Layout(header=True))


def test_no_input_and_a_single_class_are_refused():
    with pytest.raises(ImportRefused, match="No column is an input"):
        taken("1,2\n", ["left out", "target"])
    with pytest.raises(ImportRefused, match="1 different value; allowed: 2 to 100"):
        taken("1,a\n2,a\n", ["input", "classes"])
    with pytest.raises(ImportRefused, match=r"Row 2, column 2 .* is empty"):
        taken("1,a\n2,\n", ["input", "classes"])


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1), separator=st.sampled_from(";\t"), decimal=st.sampled_from(",."))
def test_what_is_written_is_read_bit_for_bit(rows, separator, decimal):
    text = "\n".join(separator.join(repr(v).replace(".", decimal) for v in row) for row in rows)
    samples = taken(text, ["input", "input", "target"], Layout(separator, decimal))
    assert np.array_equal(samples.x, [row[:2] for row in rows])
    assert np.array_equal(samples.y, [row[2:] for row in rows])


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        table = read_table(text)
        samples = samples_from(table, guess_roles(table))
    except ImportRefused:
        return
    assert np.isfinite(samples.x).all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_of_several_encodings_are_read(tmp_path, encoding):
    (tmp_path / "t.csv").write_bytes("größe;y\r\n1,5;2\r\n".encode(encoding))
    assert read_table(read_text(tmp_path / "t.csv")).names == ("größe", "y")


def test_what_is_no_text_is_refused(tmp_path):
    with pytest.raises(ImportRefused, match="not a text file"):
        decoded(b"\x89PNG\0\0")
    with pytest.raises(ImportRefused, match="cannot be read"):
        read_text(tmp_path / "missing.csv")


def npz(tmp_path, **arrays):
    np.savez(tmp_path / "d.npz", **arrays)
    return tmp_path / "d.npz"


def test_arrays_are_taken_as_they_are(tmp_path):
    samples = read_npz(npz(tmp_path, x=np.array([[1, 2], [3, 4]], dtype=np.uint8), y=np.array([0.5, 1.5])))
    assert samples.x.tolist() == [[1, 2], [3, 4]]
    assert samples.y.tolist() == [[0.5], [1.5]]
    assert not samples.x.flags.writeable


def test_a_column_of_labels_becomes_classes_if_asked(tmp_path):
    samples = read_npz(npz(tmp_path, x=np.zeros((3, 1)), y=np.array([7, 3, 7])), one_hot=True)
    assert samples.classes == ("3", "7")
    assert samples.y.tolist() == [[0, 1], [1, 0], [0, 1]]


def test_targets_may_be_missing(tmp_path):
    assert read_npz(npz(tmp_path, x=np.zeros((3, 1)))).y is None


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"a": np.zeros(3)}, "no array x in this file; found: a"),
        ({"x": np.zeros((2, 2, 2))}, "shape 2 × 2 × 2"),
        ({"x": np.zeros((0, 2))}, "shape 0 × 2"),
        ({"x": np.zeros(3)}, "shape 3"),
        ({"x": np.array([["a"]])}, "x holds <U1"),
        ({"x": np.array([[1 + 2j]])}, "x holds complex128"),
        ({"x": np.array([[0.0, np.nan]])}, "Row 1, column 2 of x is nan"),
        ({"x": np.zeros((3, 1)), "y": np.zeros(2)}, "x has 3 rows and y has 2"),
        ({"x": np.zeros((1, 1001))}, "at most 100,000 × 1,000"),
    ],
)
def test_arrays_that_are_no_samples_are_refused(tmp_path, arrays, sentence):
    with pytest.raises(ImportRefused, match=sentence):
        read_npz(npz(tmp_path, **arrays))


class Trap:
    def __reduce__(self):
        return pytest.fail, ("a pickle was opened",)


def test_pickles_are_never_opened(tmp_path):
    objects = tmp_path / "objects.npz"
    np.savez(objects, x=np.array([[1, "a"]], dtype=object))
    trap = tmp_path / "trap.npz"
    trap.write_bytes(pickle.dumps(Trap()))
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("x.npy", pickle.dumps(Trap()))
    (tmp_path / "inside.npz").write_bytes(inside.getvalue())
    for path in (objects, trap, tmp_path / "inside.npz"):
        with pytest.raises(ImportRefused, match=r"no \.npz file of plain numbers"):
            read_npz(path)


def test_a_damaged_archive_is_refused(tmp_path):
    whole = npz(tmp_path, x=np.random.default_rng(0).random((50, 3))).read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 5):
        (tmp_path / "cut.npz").write_bytes(whole[:cut])
        with pytest.raises(ImportRefused):
            read_npz(tmp_path / "cut.npz")
    with pytest.raises(ImportRefused, match="cannot be read"):
        read_npz(tmp_path / "missing.npz")


def test_a_table_is_frozen():
    assert isinstance(read_table("1,2\n"), Table)
    with pytest.raises(AttributeError):
        read_table("1,2\n").names = ()  # type: ignore[misc]
