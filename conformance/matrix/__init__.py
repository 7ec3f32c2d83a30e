"""Many implementations beside each other: what each does with every sentence, and how clients get on with servers.

targets     the file that names them
jobs        runs of targets as processes, several at a time
pairs       each client at each server, through the proxy
table       states of sentences by implementation: pure functions of records
record      matrix.json
badge       a verdict as an SVG file
page        the page over all of them
matrix      the folder: all of that, and what has changed since the last time

DIR/index.html       the page            DIR/matrix.json     the same for programs
DIR/NAME/            report of one       DIR/NAME.svg        badge
DIR/NAME.log         what its run said   DIR/pairs/          recordings
"""
