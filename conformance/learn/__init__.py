"""What a target really does, learned as state machines, and held against the golden ones of the reference.

    machines/     alphabets: what is said, and how a conversation begins
    link_talk, talks    conversations: a letter goes in, the words of an answer come out
    tree          all answers, so that nothing is asked twice
    learner       KV (AALpy) on top of it, with the words that the golden model says are worth asking
    model         what was learned; ``golden/`` has that of the reference, as JSON
    comparison    where two models differ, each as the shortest conversation that shows it
    verdict       which sentence such a conversation breaks, if one
    diagram, report    for people

A learned machine judges nothing by itself: that a server differs from the reference is a fact, and wrong only where a sentence
says so.
"""
