"""The local operator's way in: small clients over the control socket, for the command line.

``control`` is the way itself, with what the desk commands ask; each other module adds what one command asks. Answers are the
API's JSON as it is (models in ``callcenter.web.views``): the command line prints, it does not interpret.
"""
