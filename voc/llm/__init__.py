"""Language models: prompts as files, fenced data, validated answers, cache and budget. LangChain lives here only."""
