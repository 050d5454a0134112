"""People: how passwords are kept, who signs in, when sessions and tokens end, and how tries are limited."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from conftest import BARE
from hypothesis import given
from hypothesis import strategies as st

from voc.access import Act, Role, Who
from voc.errors import InputError, NotAllowedError, NotFoundError, SignInError, TooManyTriesError
from voc.people import passwords, sign_in, tokens
from voc.people.passwords import hash_password, is_old, is_right
from voc.people.sign_in import IDLE, LONGEST, MOST_OF_ADDRESS, MOST_OF_BOTH, WINDOW, Doorkeeper
from voc.people.tokens import SCOPES, bearer, make_token
from voc.store import audit, people, sign_ins
from voc.store.database import open_database
from voc.types import Stamp
from voc.workspace import Workspace

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STAMP = Stamp("boss", NOW)
GOOD = "four words make good"
WRONG = "four words make bad."
HOME = "10.0.0.1"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Hash with the least costs; what the costs of real ones are is a test of its own."""
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    nobody = hasher.hash("nobody has this password")
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    monkeypatch.setattr(passwords, "_nobody", lambda: nobody)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("people") / "store.sqlite"
    open_database(f"sqlite:///{path}").close()
    return path.read_bytes()


@pytest.fixture
def keeper(template, tmp_path):
    (tmp_path / "store.sqlite").write_bytes(template)
    database = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield Doorkeeper(database, b"k" * 32)
    database.close()


def known(keeper, name="ana", role="owner", markets=(), password=GOOD):
    with keeper.database.write() as connection:
        return people.add(
            connection,
            STAMP,
            name,
            password_hash=hash_password(password, name="\0"),
            role=Role(role),
            markets=markets,
        )


def enter(keeper, name="ana", password=GOOD, *, address=HOME, now=NOW):
    return keeper.sign_in(name, password, address=address, now=now)


# Passwords


def test_a_password_is_kept_as_argon2id_with_the_costs_of_rfc_9106():
    passwords_ = __import__("argon2").PasswordHasher()
    assert passwords_.type.name == "ID"
    assert (passwords_.time_cost, passwords_.memory_cost, passwords_.parallelism) == (3, 65536, 4)


def test_the_same_password_is_never_kept_the_same_way_twice():
    assert hash_password(GOOD, name="ana") != hash_password(GOOD, name="ana")


def test_nothing_of_a_password_is_in_what_is_kept():
    kept = hash_password(GOOD, name="ana")
    assert kept.startswith("$argon2id$")
    assert not any(word in kept for word in GOOD.split())


@pytest.mark.parametrize(
    "password", ["short", "a" * 11, "x" * 257, "aaaaaaaaaaaaaaaa", "abababababababab", "ANA.silva-2026!"]
)
def test_a_weak_password_is_refused(password):
    with pytest.raises(InputError):
        hash_password(password, name="ana")


@given(st.text(min_size=12, max_size=60).filter(lambda text: len(set(text)) > 6), st.text(max_size=60))
def test_only_the_same_password_is_right(one, other):
    import unicodedata

    from argon2 import PasswordHasher

    try:
        kept = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(unicodedata.normalize("NFC", one))
    except UnicodeEncodeError:
        return
    assert is_right(kept, one)
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert is_right(kept, other) == same


def test_a_composed_and_a_decomposed_letter_are_the_same_password():
    assert is_right(hash_password("Mu\u0308nchen ist schoen", name="ana"), "M\u00fcnchen ist schoen")


def test_what_is_no_hash_is_no_password():
    assert not is_right("$argon2id$nobody", GOOD)


def test_a_hash_of_lower_costs_is_renewed_when_its_person_signs_in(keeper, monkeypatch):
    from argon2 import PasswordHasher

    known(keeper)
    dearer = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: dearer)
    enter(keeper)
    with keeper.database.read() as connection:
        kept = people.get(connection, "ana").password_hash
    assert not is_old(kept)
    assert is_right(kept, GOOD)


# Signing in


def test_somebody_signs_in_with_name_and_password(keeper):
    known(keeper)
    assert keeper.session(enter(keeper), now=NOW).person.name == "ana"


@pytest.mark.parametrize(("name", "password"), [("ana", WRONG), ("nobody", GOOD), ("ana", ""), ("", ""), ("ANA", GOOD)])
def test_a_refusal_does_not_say_what_was_wrong(keeper, name, password):
    known(keeper)
    with pytest.raises(SignInError, match="Name or password is wrong"):
        enter(keeper, name, password)


def test_a_disabled_person_is_refused_like_a_wrong_password(keeper):
    known(keeper)
    with keeper.database.write() as connection:
        people.change(connection, STAMP, "ana", state=people.DISABLED)
    with pytest.raises(SignInError, match="Name or password is wrong"):
        enter(keeper)


def test_an_unknown_name_costs_a_hash_as_a_known_one_does(keeper, monkeypatch):
    compared = []
    hasher = passwords._hasher()
    real = type(hasher).verify
    monkeypatch.setattr(
        type(hasher), "verify", lambda self, kept, plain: compared.append(kept) or real(self, kept, plain)
    )
    known(keeper)
    for name in ("ana", "nobody"):
        with pytest.raises(SignInError):
            enter(keeper, name, WRONG)
    assert len(compared) == 2
    assert compared[1] == passwords._nobody()


@pytest.mark.slow
def test_a_known_and_an_unknown_name_take_about_as_long(keeper, monkeypatch):
    monkeypatch.undo()
    known(keeper)

    def took(name, address):
        begun = time.perf_counter()
        with pytest.raises(SignInError):
            enter(keeper, name, WRONG, address=address)
        return time.perf_counter() - begun

    took("ana", "warm-1"), took("nobody", "warm-2")
    pairs = [(took("ana", f"a{n}"), took(f"nobody{n}", f"b{n}")) for n in range(8)]
    one, other = (sorted(column)[len(pairs) // 2] for column in zip(*pairs, strict=True))
    assert 0.4 < one / other < 2.5


# Sessions


def test_only_a_hash_of_what_the_browser_holds_is_stored(keeper):
    known(keeper)
    token = enter(keeper)
    with keeper.database.read() as connection:
        rows = sign_ins.sessions_of(connection, "ana")
    assert len(rows) == 1
    assert token not in rows[0]
    assert rows[0][0] == keeper.keyed("session", token)


def test_a_session_from_before_is_never_taken_over(keeper):
    known(keeper)
    first, second = enter(keeper), enter(keeper)
    assert first != second
    assert keeper.session(first, now=NOW).csrf != keeper.session(second, now=NOW).csrf


@pytest.mark.parametrize("planted", ["", "planted", "x" * 5000, "\0"])
def test_a_session_that_was_not_begun_here_is_none(keeper, planted):
    known(keeper)
    assert keeper.session(planted, now=NOW) is None


def test_a_session_ends_when_it_is_not_used(keeper):
    known(keeper)
    token = enter(keeper)
    assert keeper.session(token, now=NOW + IDLE)
    # Being asked for has kept it alive; from then on nobody comes.
    assert keeper.session(token, now=NOW + 2 * IDLE)
    assert keeper.session(token, now=NOW + 3 * IDLE + timedelta(seconds=1)) is None


def test_a_session_ends_however_much_it_is_used(keeper):
    known(keeper)
    token, at = enter(keeper), NOW
    while at - NOW <= LONGEST:
        assert keeper.session(token, now=at) is not None
        at += IDLE
    assert keeper.session(token, now=at) is None


def test_a_session_ends_when_its_person_signs_out(keeper):
    known(keeper)
    token, other = enter(keeper), enter(keeper)
    keeper.sign_out(token)
    assert keeper.session(token, now=NOW) is None
    assert keeper.session(other, now=NOW)


def test_sessions_end_when_their_person_is_disabled(keeper):
    known(keeper)
    token = enter(keeper)
    with keeper.database.write() as connection:
        people.change(connection, STAMP, "ana", state=people.DISABLED)
        people.change(connection, STAMP, "ana", state=people.ACTIVE)
    assert keeper.session(token, now=NOW) is None


def test_sessions_end_when_the_password_is_changed(keeper):
    known(keeper)
    token = enter(keeper)
    with keeper.database.write() as connection:
        people.set_password(connection, STAMP, "ana", password_hash=hash_password("other words are fine", name="ana"))
    assert keeper.session(token, now=NOW) is None


def test_a_role_that_changes_holds_at_once(keeper):
    known(keeper)
    token = enter(keeper)
    with keeper.database.write() as connection:
        people.change(connection, STAMP, "ana", role=Role.VIEWER, markets=["DE"])
    assert keeper.session(token, now=NOW).person.who == Who("ana", Role.VIEWER, frozenset({"DE"}))


def test_signing_out_elsewhere_leaves_the_browser_that_asks_and_other_people(keeper):
    known(keeper)
    known(keeper, "ben")
    here, there, ben = enter(keeper), enter(keeper), enter(keeper, "ben")
    assert keeper.sign_out_others("ana", here, now=NOW) == 1
    assert keeper.session(here, now=NOW)
    assert keeper.session(there, now=NOW) is None
    assert keeper.session(ben, now=NOW)


def test_the_sessions_that_are_listed_are_those_that_are_not_over(keeper):
    known(keeper)
    known(keeper, "ben")
    enter(keeper), enter(keeper, "ben")
    later = NOW + IDLE + timedelta(hours=1)
    here = enter(keeper, now=later)
    enter(keeper, now=later)
    assert sorted(one.here for one in keeper.sessions("ana", here, now=later)) == [False, True]


def test_who_signed_in_stands_in_the_audit_log(keeper):
    known(keeper)
    enter(keeper)
    with keeper.database.read() as connection:
        newest = audit.rows(connection)[0]
    assert (newest.actor, newest.action) == ("ana", "sign in")


# Brute force


def fail(keeper, name="ana", *, address=HOME, now=NOW):
    try:
        enter(keeper, name, WRONG, address=address, now=now)
    except SignInError:
        return "wrong"
    except TooManyTriesError:
        return "wait"
    return "in"


def test_after_some_failed_tries_even_the_right_password_waits(keeper):
    known(keeper)
    assert [fail(keeper) for _ in range(MOST_OF_BOTH + 1)] == ["wrong"] * MOST_OF_BOTH + ["wait"]
    with pytest.raises(TooManyTriesError):
        enter(keeper)


def test_the_wait_ends(keeper):
    known(keeper)
    for _ in range(MOST_OF_BOTH + 3):
        fail(keeper)
    assert enter(keeper, now=NOW + WINDOW + timedelta(seconds=1))


def test_a_stranger_elsewhere_does_not_lock_somebody_out(keeper):
    known(keeper)
    for _ in range(MOST_OF_BOTH + 1):
        fail(keeper, address="6.6.6.6")
    assert enter(keeper)


def test_one_address_cannot_try_name_after_name(keeper):
    known(keeper)
    ends = [fail(keeper, f"name{n}") for n in range(MOST_OF_ADDRESS + 1)]
    assert ends == ["wrong"] * MOST_OF_ADDRESS + ["wait"]


def test_many_addresses_cannot_try_one_name_for_ever(keeper, monkeypatch):
    monkeypatch.setattr(sign_in, "MOST_OF_NAME", 6)
    known(keeper)
    assert [fail(keeper, address=f"10.1.0.{n}") for n in range(7)] == ["wrong"] * 6 + ["wait"]


def test_tries_beside_each_other_are_not_more_than_one_by_one(keeper):
    known(keeper)
    ends, start = [], threading.Barrier(16)

    def attempt():
        start.wait()
        ends.append(fail(keeper))

    crowd = [threading.Thread(target=attempt) for _ in range(16)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert ends.count("wrong") == MOST_OF_BOTH
    assert ends.count("wait") == 16 - MOST_OF_BOTH


def test_a_right_password_forgets_the_failed_ones(keeper):
    known(keeper)
    for _ in range(MOST_OF_BOTH - 1):
        fail(keeper)
    enter(keeper)
    assert [fail(keeper) for _ in range(MOST_OF_BOTH)] == ["wrong"] * MOST_OF_BOTH


def test_tries_are_kept_without_names_and_addresses(keeper):
    known(keeper)
    fail(keeper, "secret.name", address="198.51.100.7")
    keeper.database.close()
    stored = b"".join(one.read_bytes() for one in _files(keeper))
    assert b"secret.name" not in stored
    assert b"198.51.100.7" not in stored


def _files(keeper):
    from pathlib import Path

    path = Path(keeper.database.engine.url.database)
    return [one for one in path.parent.iterdir() if one.name.startswith(path.name)]


# Tokens


def made(keeper, *, person="ana", scopes=("counts",), days=1, now=NOW):
    return make_token(keeper, Stamp("boss", now), person=person, title="script", scopes=scopes, days=days)


@pytest.mark.parametrize(("scope", "role"), [("counts", Role.VIEWER), ("comments", Role.OWNER), ("work", Role.OWNER)])
def test_a_token_is_its_persons_and_good_for_its_scopes(keeper, scope, role):
    known(keeper, markets=["DE"])
    _, text = made(keeper, scopes=(scope,))
    found = bearer(keeper, text, now=NOW)
    assert found.who == Who("ana", role, frozenset({"DE"}))
    assert found.acts == SCOPES[scope]


def test_no_scope_lets_a_program_manage_people_or_settings():
    assert not any(acts & {Act.MANAGE_PEOPLE, Act.SET_UP} for acts in SCOPES.values())


def test_the_scope_of_counts_lets_nobody_read_a_comment():
    assert Act.READ not in SCOPES["counts"]


def test_a_token_expires(keeper):
    known(keeper)
    _, text = made(keeper, days=2)
    assert bearer(keeper, text, now=NOW + timedelta(days=2, seconds=-1))
    assert bearer(keeper, text, now=NOW + timedelta(days=2)) is None


def test_a_token_ends_when_it_is_revoked(keeper):
    known(keeper)
    row, text = made(keeper)
    with keeper.database.write() as connection:
        sign_ins.revoke_token(connection, STAMP, row.id)
    assert bearer(keeper, text, now=NOW) is None


def test_a_token_is_revoked_once(keeper):
    known(keeper)
    row, _ = made(keeper)
    with keeper.database.write() as connection:
        sign_ins.revoke_token(connection, STAMP, row.id)
        with pytest.raises(NotFoundError):
            sign_ins.revoke_token(connection, STAMP, row.id)


def test_a_token_is_refused_while_its_person_is_disabled(keeper):
    known(keeper)
    _, text = made(keeper)
    with keeper.database.write() as connection:
        people.change(connection, STAMP, "ana", state=people.DISABLED)
    assert bearer(keeper, text, now=NOW) is None


@pytest.mark.parametrize("text", ["", "voc_", "voc_wrong", "x" * 4000, "\0"])
def test_what_is_no_token_is_nobodys(keeper, text):
    known(keeper)
    made(keeper)
    assert bearer(keeper, text, now=NOW) is None


def test_a_session_is_no_token_and_a_token_no_session(keeper):
    known(keeper)
    _, text = made(keeper)
    assert keeper.session(text, now=NOW) is None
    assert bearer(keeper, tokens.PREFIX + enter(keeper), now=NOW) is None


@pytest.mark.parametrize(
    "wrong", [{"scopes": ()}, {"scopes": ("admin",)}, {"scopes": ("counts", "x")}, {"days": 0}, {"days": 367}]
)
def test_a_token_that_cannot_be_is_not_made(keeper, wrong):
    known(keeper)
    with pytest.raises(InputError):
        made(keeper, **wrong)


def test_a_token_needs_somebody(keeper):
    with pytest.raises(NotFoundError):
        made(keeper, person="nobody")


# The Python door


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("door") / "w"
    Workspace.init(made, environment=BARE).close()
    return made


@pytest.fixture
def workspace(folder, tmp_path):
    import shutil

    shutil.copytree(folder, tmp_path / "w")
    with Workspace.open(tmp_path / "w", environment=BARE, clock=lambda: NOW) as opened:
        yield opened


def test_the_last_admin_stays(workspace):
    workspace.add_person("boss", password=GOOD, role="admin")
    for change in ({"role": "owner"}, {"active": False}):
        with pytest.raises(InputError, match="last active admin"):
            workspace.change_person("boss", **change)
    assert workspace.person("boss").is_active
    assert workspace.person("boss").role == "admin"


def test_a_disabled_admin_is_none(workspace):
    workspace.add_person("boss", password=GOOD, role="admin")
    workspace.add_person("other", password=GOOD, role="admin")
    workspace.change_person("other", active=False)
    with pytest.raises(InputError, match="last active admin"):
        workspace.change_person("boss", role="viewer")


def test_an_admin_may_go_while_another_stays(workspace):
    workspace.add_person("boss", password=GOOD, role="admin")
    workspace.add_person("other", password=GOOD, role="admin")
    assert workspace.change_person("boss", role="viewer").role == "viewer"


@pytest.mark.parametrize(
    "name", ["", "Ana", "a b", "-ana", "ana-", "a" * 65, "ana\n", "../x", "<b>", "ana/ben", "änna"]
)
def test_a_name_that_cannot_be_is_refused(workspace, name):
    with pytest.raises(InputError, match="cannot be used"):
        workspace.add_person(name, password=GOOD, role="viewer")


def test_a_name_is_taken_once(workspace):
    workspace.add_person("ana", password=GOOD, role="viewer")
    with pytest.raises(InputError, match="already"):
        workspace.add_person("ana", password=GOOD, role="admin")
    assert workspace.person("ana").role == "viewer"


def test_markets_that_are_not_configured_are_refused(workspace):
    with pytest.raises(InputError, match="not configured"):
        workspace.add_person("ana", password=GOOD, role="viewer", markets=["XX"])


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMIN])
def test_only_an_admin_manages_people(workspace, role):
    workspace.add_person("boss", password=GOOD, role="admin")
    mine = workspace.acting(Who("ana", role))
    for call in (
        mine.people,
        lambda: mine.person("boss"),
        lambda: mine.add_person("x", password=GOOD, role="viewer"),
        lambda: mine.change_person("boss", role="viewer"),
        lambda: mine.set_password("boss", GOOD),
        lambda: mine.add_token(person="boss", title="x", scopes=["counts"]),
        lambda: mine.tokens(everybodys=True),
    ):
        with pytest.raises(NotAllowedError):
            call()


def test_a_token_is_ended_by_its_person_or_an_admin(workspace):
    for name, role in (("boss", "admin"), ("ana", "owner"), ("ben", "owner")):
        workspace.add_person(name, password=GOOD, role=role)
    ana, ben = (workspace.acting(Who(name, Role.OWNER)) for name in ("ana", "ben"))
    first, _ = ana.add_token(title="a", scopes=["counts"])
    second, _ = ana.add_token(title="b", scopes=["counts"])
    with pytest.raises(NotAllowedError):
        ben.revoke_token(first.id)
    ana.revoke_token(first.id)
    workspace.acting(Who("boss", Role.ADMIN)).revoke_token(second.id)
    assert all(one.revoked_at for one in ana.tokens())


def test_ones_own_password_needs_the_old_one(workspace):
    workspace.add_person("ana", password=GOOD, role="viewer")
    ana = workspace.acting(Who("ana", Role.VIEWER))
    with pytest.raises(InputError, match="old password is wrong"):
        ana.change_password(WRONG, "other words are fine", address=HOME)
    assert enter(workspace.doorkeeper)


def test_a_wrong_old_password_counts_as_a_try_to_sign_in(workspace):
    workspace.add_person("ana", password=GOOD, role="viewer")
    ana = workspace.acting(Who("ana", Role.VIEWER))
    for _ in range(MOST_OF_BOTH):
        with pytest.raises(InputError, match="old password is wrong"):
            ana.change_password(WRONG, "other words are fine", address=HOME)
    with pytest.raises(TooManyTriesError):
        ana.change_password(GOOD, "other words are fine", address=HOME)


def test_after_a_change_of_ones_password_only_the_new_session_is_left(workspace):
    workspace.add_person("ana", password=GOOD, role="viewer")
    old = enter(workspace.doorkeeper)
    new = workspace.acting(Who("ana", Role.VIEWER)).change_password(GOOD, "other words are fine", address=HOME)
    assert workspace.doorkeeper.session(old, now=NOW) is None
    assert workspace.doorkeeper.session(new, now=NOW)
    assert fail(workspace.doorkeeper) == "wrong"
    assert enter(workspace.doorkeeper, password="other words are fine")


def test_why_somebody_was_changed_stands_in_the_audit_log(workspace):
    workspace.add_person("ana", password=GOOD, role="viewer")
    workspace.change_person("ana", active=False, why="left the house")
    with workspace.services.database.read() as connection:
        assert audit.rows(connection)[0].detail == {"state": "disabled", "why": "left the house"}
