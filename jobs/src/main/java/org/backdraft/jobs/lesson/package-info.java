/**
 * Recipes that show something small at once, without data, network or Spark. Start at {@link
 * org.backdraft.jobs.lesson.Lesson}; single neurons are in {@link org.backdraft.neuron}.
 */
package org.backdraft.jobs.lesson;
