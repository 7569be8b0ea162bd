package org.backdraft.jobs.lesson;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.backdraft.jobs.plot.Figure;

/** A recipe that shows something about neurons, or about layers of them. */
public interface Lesson {
  /**
   * What a lesson leaves.
   *
   * @param text tables and sentences for people, ended by a line feed
   * @param results numbers and words by key, for {@code summary.json}
   * @param plot a picture of it, where there is one
   */
  record Shown(String text, Map<String, Object> results, Optional<Figure> plot) {
    Shown(String text, Map<String, Object> results) {
      this(text, results, Optional.empty());
    }
  }

  /** Does the work; the same result each time. */
  Shown show();

  /** The lesson that a recipe names. */
  static Lesson named(String name) {
    Map<String, Lesson> lessons = new TreeMap<>();
    lessons.put("mcculloch-pitts", new ThresholdLesson());
    lessons.put("perceptron", new PerceptronLesson());
    lessons.put("optimal-stability", new StabilityLesson());
    lessons.put("exercise", new ExerciseLesson());
    lessons.put("linear-stack", new LinearStackLesson());
    lessons.put("initialization", new InitializationLesson());
    lessons.put("vanishing-gradients", new VanishingLesson());
    lessons.put("permuted-pixels", new PermutedPixelsLesson());
    lessons.put("schedules", new SchedulesLesson());
    lessons.put("convolutions", new ConvolutionsLesson());
    Lesson lesson = lessons.get(name);
    if (lesson == null) {
      throw new IllegalArgumentException(
          "A recipe's lesson must be one of %s: got '%s'.".formatted(lessons.keySet(), name));
    }
    return lesson;
  }
}
