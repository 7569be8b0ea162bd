package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireOneOf;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.backdraft.init.Initializer;
import org.backdraft.text.Glob;

/**
 * How weights start: the section {@code init}.
 *
 * @param name {@code zero}, {@code normal}, {@code xavier} or {@code he}
 * @param fresh patterns of names, with commas between them, of parameters and buffers that start so
 *     although there are weights to start with; empty for none
 */
public record InitConfig(@JsonProperty("name") String name, @JsonProperty("fresh") String fresh) {
  public InitConfig {
    requireOneOf("init", name, List.of("zero", "normal", "xavier", "he"));
    require(fresh != null, "init.fresh must be patterns of names, or empty for none.");
  }

  /** He's rule. */
  public static InitConfig defaults() {
    return new InitConfig("he", "");
  }

  /** Draws weights. */
  public Initializer initializer() {
    return Initializer.named(name);
  }

  /** Names of what starts anew. */
  public List<Glob> freshNames() {
    return GroupList.patterns(fresh);
  }
}
