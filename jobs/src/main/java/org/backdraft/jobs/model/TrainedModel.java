package org.backdraft.jobs.model;
