package org.backdraft.zoo;

import java.util.Map;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.Embedding;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;

/**
 * fastText's classifier (Joulin, Grave, Bojanowski and Mikolov 2016, <em>Bag of tricks for
 * efficient text classification</em>, section 2): the mean of a vector for each word, then a linear
 * layer; without its word pairs and its hierarchical softmax. Word 0 fills up short texts.
 *
 * <p>The mean is over all positions, those of word 0 included, whose vectors are 0; fastText's is
 * over the words alone.
 *
 * <p>Settings: {@code rows}, one more than the largest number of a word (10,000); {@code out},
 * elements of a word's vector (10, as published).
 */
final class BagOfWords {
  private static final String ROWS = "rows";
  private static final String OUT = "out";

  static final Map<String, String> SETTINGS = Map.of(ROWS, "10000", OUT, "10");

  private BagOfWords() {}

  static Network network(Shape input, int classes, ModelOptions options) {
    return Network.named("bag-of-words", input)
        .add("embedding", new Embedding(options.size(ROWS), options.size(OUT), 0))
        .add("mean", AveragePool2d.global())
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }
}
