"""`tandem top`: a live view of queues, services, jobs and the latest problems."""
