package org.backdraft.jobs.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.backdraft.driver.failure.ConfigurationException;

/**
 * A configuration that ships with Backdraft, with what to expect of it.
 *
 * @param name as users write it: {@code quickstart}
 * @param description one sentence
 * @param source where the network and its settings come from
 * @param minutes about how long it takes on two cores of a server of some years ago, rounded up
 * @param expected results by their key in {@code summary.json}: a loss at most, another number at
 *     least the given value; exactly it in a lesson
 * @param needs options that the user must add, such as {@code --data idx:DIR}; empty for none
 * @param config the settings; empty for a lesson
 * @param lesson what a lesson is called in the program; empty for a recipe that trains a network
 */
public record Recipe(
    String name,
    String description,
    String source,
    int minutes,
    Map<String, Object> expected,
    String needs,
    YamlDocument config,
    String lesson) {

  /** The names of all recipes, sorted; a test holds the resource folder to this list. */
  private static final List<String> NAMES =
      List.of(
          "alexnet-photos",
          "bag-of-words",
          "c3d-moving-digits",
          "convolutions",
          "distillation",
          "distillation-teacher",
          "exercise",
          "fine-tuning",
          "fine-tuning-base",
          "googlenet-photos",
          "implicit-sgd",
          "initialization",
          "lenet5-adagrad",
          "lenet5-adam",
          "lenet5-adamw",
          "lenet5-lamb",
          "lenet5-lars",
          "lenet5-mnist",
          "lenet5-mnist-augmented",
          "lenet5-nesterov",
          "lenet5-rmsprop",
          "lenet5-sgd",
          "linear-stack",
          "linear-svm",
          "mcculloch-pitts",
          "optimal-stability",
          "perceptron",
          "perceptron-hinge",
          "permuted-pixels",
          "pose-regression",
          "quickstart",
          "resnet50-photos",
          "schedules",
          "softmax-barzilai-borwein",
          "softmax-gd",
          "softmax-lbfgs",
          "softmax-rprop",
          "unet-membrane",
          "universal-approximation",
          "universal-approximation-bfgs",
          "vanishing-gradients",
          "vgg11-photos",
          "what-and-where",
          "xor");

  /** The names of all recipes, sorted. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * The recipe of that name.
   *
   * @throws ConfigurationException if there is none
   */
  public static Recipe named(String name) {
    if (!NAMES.contains(name)) {
      throw new ConfigurationException(
          "No recipe is named '%s'. %s".formatted(name, NearestKey.hint(name, NAMES)));
    }
    String resource = "/org/backdraft/jobs/recipes/" + name + ".yaml";
    try (InputStream stream = Recipe.class.getResourceAsStream(resource)) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      YamlDocument document = YamlDocument.parse("recipe " + name, text);
      return new Recipe(
          name,
          text(document, "description"),
          text(document, "source"),
          Integer.parseInt(text(document, "minutes")),
          document.section("expected").root(),
          String.valueOf(document.root().getOrDefault("needs", "")),
          document.section("config"),
          String.valueOf(document.root().getOrDefault("lesson", "")));
    } catch (IOException e) {
      throw new AssertionError("The jar lacks " + resource, e);
    }
  }

  /** How a result is to stand to its expected value: {@code =}, {@code <=} or {@code >=}. */
  public String relation(String key) {
    return isLesson() ? "=" : key.endsWith("loss") ? "<=" : ">=";
  }

  /** Whether it shows something small at once, without data, network or Spark. */
  public boolean isLesson() {
    return !lesson.isEmpty();
  }

  private static String text(YamlDocument document, String key) {
    return String.valueOf(document.root().get(key)).strip();
  }
}
