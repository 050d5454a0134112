import numpy as np

from voc.embed.remembered import remembered


def counting(asked):
    def encode(texts):
        asked.append(list(texts))
        return np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32).reshape(-1, 2)

    return encode


def test_a_text_is_encoded_once_however_often_it_is_asked_for():
    asked = []
    encode = remembered(counting(asked))
    encode(["wet", "late", "wet"])
    encode(["late", "lost"])
    assert asked == [["wet", "late"], ["lost"]]


def test_vectors_come_in_the_order_that_was_asked_for():
    encode, plain = remembered(counting([])), counting([])
    encode(["late"])
    for texts in (["wet", "late", "wet"], ["late"], []):
        assert np.array_equal(encode(texts), plain(texts))


def test_who_changes_what_was_given_changes_nothing_that_is_remembered():
    encode = remembered(counting([]))
    encode(["wet"])[:] = 0
    assert encode(["wet"]).tolist() == [[3, ord("w")]]
