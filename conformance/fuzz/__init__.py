"""Whole conversations made up at random, and what becomes of a target in them.

steps          one thing that the suite does, as a line of text; a conversation is a list of them
words          numbers, digits and JSON in such a line
link_words     what is said of a link that is wrong
value_text     values and their changes in such a line
chance         choices at random, in favour of what was chosen least
walk           legal steps: what a client, or a server, may say now
server_walk    what is peculiar to a suite that is the server
mutation       one step that is wrong, or strange
layer_mutation ... of what is around the bytes of SPICE: records of TLS, frames of WebSocket
layer_steps    such steps, played
ends           the suite's end of a conversation, whichever role it plays: connections, liveness
play           plays steps against a target
survival       what of the suite's own mistakes a target has to live with, and by which sentence
owed           answers that a target has not given
verdict        what a conversation shows: findings, and when two are one
watch          the process of a target: its end, its memory
reduce         a conversation made small
corpus         conversations as files
imported       conversations of a recording
campaign       many conversations, and what they have found
said           which messages a campaign has said, in one line
written        a finding as script, capture and text
"""
