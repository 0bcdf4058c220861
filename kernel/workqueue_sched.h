/*
 * Between the work-queue pool and the scheduler: a worker that goes to sleep
 * inside a work item makes room for another one.
 */
#pragma once

struct worker;

/* Around schedule(), by a worker. Context: process, preemption on. */
void worker_sleeps(struct worker *);
void worker_runs(struct worker *);
