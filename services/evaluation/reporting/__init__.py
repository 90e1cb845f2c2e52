"""The report: from answers to one event, by way of what may be told. Its parts in the order in which data passes.

`inputs` reads, `gathering` makes one value a person and item, `release` settles what is told, `distributions` and
`answering` say it, `contents` puts it together with what was counted, `make` is the job.
"""
