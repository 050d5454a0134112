import pytest
from conftest import models_dir
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from voc.errors import LLMRefused, LLMUnavailable, SettingsError
from voc.llm.langchain import LangChainModel, hosted, local
from voc.llm.outputs import ThemeName
from voc.llm.protocol import Message

MESSAGES = (Message("system", "s"), Message("user", "u"))


def complete(model, **extra):
    asked = {"schema": ThemeName.model_json_schema(), "temperature": 0.0, "max_tokens": 40} | extra
    return model.complete_many([MESSAGES], **asked)[0]


def test_any_langchain_chat_model_answers():
    done = complete(LangChainModel(FakeListChatModel(responses=["hello"]), "fake", holds_schema=False))
    assert done.text == "hello"
    assert done.tokens_in >= 0


@pytest.mark.parametrize(
    ("name", "status", "wanted"),
    [
        ("AuthenticationError", 401, LLMRefused),
        ("NotFoundError", 404, LLMRefused),
        ("APITimeoutError", None, LLMUnavailable),
        ("InternalServerError", 500, LLMUnavailable),
    ],
)
def test_a_providers_error_is_sorted(name, status, wanted):
    class Failing(FakeListChatModel):
        def _generate(self, *args, **kwargs):
            error = type(name, (Exception,), {})("secret-key-123 in a message")
            error.status_code = status
            raise error

    with pytest.raises(wanted) as caught:
        complete(LangChainModel(Failing(responses=["x"]), "fake", holds_schema=False))
    assert "secret-key-123" not in str(caught.value)


def test_an_openai_compatible_address_needs_no_account():
    model = hosted("some-model", timeout_s=5, base_url="http://127.0.0.1:9/v1")
    assert model.model_id == "http://127.0.0.1:9/v1/some-model"


def test_a_model_without_provider_says_how_to_write_it():
    with pytest.raises(SettingsError, match="provider:name"):
        hosted("no-such-model-anywhere", timeout_s=5)


@pytest.mark.slow
@pytest.mark.models
def test_the_local_model_answers_in_the_asked_form():
    from voc.models.pull import State, model_dir, state
    from voc.models.registry import read_registry

    found = read_registry().get("qwen2.5-coder-1.5b-instruct-q4")
    if state(found, models_dir()) is not State.READY:
        pytest.skip(f"the language model's weights are not in {models_dir()}: voc models pull")
    model = local(model_dir(found, models_dir()) / found.files[0].name, found.id, timeout_s=120)
    messages = (Message("system", "You name groups of comments in JSON."), Message("user", "The box was wet. Name it."))
    (done,) = model.complete_many([messages], schema=ThemeName.model_json_schema(), temperature=0.0, max_tokens=40)
    assert ThemeName.model_validate_json(done.text).name
    late = local(model_dir(found, models_dir()) / found.files[0].name, found.id, timeout_s=0.001)
    late._chat._pipeline = model._chat._pipeline
    with pytest.raises(LLMUnavailable, match="did not answer within"):
        late.complete_many([messages], schema=ThemeName.model_json_schema(), temperature=0.0, max_tokens=40)
