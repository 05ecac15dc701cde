"""A small Chinese recognizer made from the synthetic voice: 合成语音演示模型，不能识别真人.

It carries Chinese text through call, recording, Vosk and ticket in the demo and in the tests.
Invariant: it recognizes no people, and everything it is shown in says so.
"""
