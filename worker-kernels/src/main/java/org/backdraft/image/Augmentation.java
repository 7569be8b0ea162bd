package org.backdraft.image;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.backdraft.tensor.Checks;
import org.backdraft.text.EditDistance;

/**
 * What {@code data.augment} asks for: steps that change a picture at random each time it is shown,
 * {@code crop:4 flip}. The text is a list of steps with spaces between, a step a name and, behind a
 * colon, its numbers with commas between. A value; {@link Augmenter} applies it.
 *
 * <p>Geometric steps act first, in one resampling, then those that repaint, in the order given.
 */
public final class Augmentation implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Pictures as they are. */
  public static final Augmentation NONE = new Augmentation("", List.of(), Optional.empty());

  private static final String BORDER = "border";

  /** How one step is read. */
  private interface Form {
    AugmentationStep step(StepNumbers numbers);
  }

  private final String text;
  private final ArrayList<AugmentationStep> steps;
  private final Border border; // null for what suits the data

  private Augmentation(String text, List<AugmentationStep> steps, Optional<Border> border) {
    this.text = text;
    this.steps = new ArrayList<>(steps);
    this.border = border.orElse(null);
  }

  private static Map<String, Form> forms() {
    Map<String, Form> forms = new TreeMap<>();
    forms.put("brightness", n -> new PaintedStep.Brightness(n.only(0, 1)));
    forms.put("contrast", n -> new PaintedStep.Contrast(n.only(0, 1)));
    forms.put("crop", n -> new GeometricStep.Crop((int) n.whole(0, 0, 4096)));
    forms.put("elastic", n -> GeometricStep.Elastic.of(n.at(0, 0, 10_000), n.at(1, 0.5f, 100)));
    forms.put("elastic-grid", n -> new GeometricStep.ElasticGrid(n.only(0, 1000)));
    forms.put("erase", n -> new PaintedStep.Erase(n.only(0, 1)));
    forms.put("flip", n -> n.none(new GeometricStep.Flip()));
    forms.put("flip-vertical", n -> n.none(new GeometricStep.FlipVertical()));
    forms.put("resized-crop", n -> new ResizedCrop(n.optional(0.08f, 0.001f, 1)));
    forms.put("rotate", n -> new GeometricStep.Rotate(n.only(0, 180)));
    forms.put("shear", n -> new GeometricStep.Shear(n.only(0, 60)));
    forms.put("shift", n -> new GeometricStep.Shift(n.only(0, 4096)));
    forms.put("turn", n -> n.none(new GeometricStep.Turn()));
    forms.put("zoom", n -> new GeometricStep.Zoom(n.only(0, 0.9f)));
    return forms;
  }

  /**
   * Reads a list of steps; an empty text is {@link #NONE}.
   *
   * @throws IllegalArgumentException if a step is unknown, or its numbers are not what it takes
   */
  public static Augmentation parse(String text) {
    String stripped = text.strip();
    if (stripped.isEmpty()) {
      return NONE;
    }
    Map<String, Form> forms = forms();
    List<AugmentationStep> steps = new ArrayList<>();
    Optional<Border> border = Optional.empty();
    for (String word : stripped.split("\\s+")) {
      int colon = word.indexOf(':');
      String name = colon < 0 ? word : word.substring(0, colon);
      String rest = colon < 0 ? "" : word.substring(colon + 1);
      if (name.equals(BORDER)) {
        border = Optional.of(border(rest));
        continue;
      }
      Form form = forms.get(name);
      Checks.argument(
          form != null,
          "data.augment must be a list of steps such as 'crop:4 flip': got the step '%s'.%s Known"
              + " are %s and %s.",
          word,
          EditDistance.nearest(name, new ArrayList<>(forms.keySet()))
              .map(nearest -> " Did you mean '" + nearest + "'?")
              .orElse(""),
          String.join(", ", forms.keySet()),
          BORDER);
      steps.add(form.step(StepNumbers.parse(word, rest)));
    }
    Checks.argument(
        steps.stream().filter(ResizedCrop.class::isInstance).count() <= 1,
        "data.augment must have at most one resized-crop: got '%s'.",
        text);
    return new Augmentation(stripped, steps, border);
  }

  private static Border border(String word) {
    for (Border each : Border.values()) {
      if (each.name().toLowerCase(java.util.Locale.ROOT).equals(word)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "data.augment's border must be border:zero, border:edge or border:mirror: got 'border:%s'."
            .formatted(word));
  }

  /** Whether it leaves pictures as they are. */
  public boolean isNone() {
    return steps.isEmpty();
  }

  /** Whether it takes parts of any size of its source: {@code resized-crop}. */
  public boolean takesPart() {
    return steps.stream().anyMatch(ResizedCrop.class::isInstance);
  }

  /** The steps in order. */
  List<AugmentationStep> steps() {
    return steps;
  }

  /** What lies outside of pictures. */
  Border border(Border otherwise) {
    return border == null ? otherwise : border;
  }

  /** As the user wrote it. */
  @Override
  public String toString() {
    return text;
  }
}
