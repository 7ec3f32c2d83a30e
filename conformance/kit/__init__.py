"""What the author of an adapter needs: a beginning that works, and somebody who tries it.

new       writes the skeleton: a client and a server that are driven, with a stand-in behind each
sample    values for a verb, right ones and wrong ones
client    tries a client that is driven in JSON lines
server    tries the commands that do something to a server
tried     what was found, verb by verb
"""
