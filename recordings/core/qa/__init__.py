"""Quality of calls (质检): what rules find in every call, and how people review some of them. Pure."""
