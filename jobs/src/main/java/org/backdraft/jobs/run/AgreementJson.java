package org.backdraft.jobs.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.driver.TrainingListener;

/** How workers sum, and what was measured for it, as {@code summary.json} says it. */
final class AgreementJson {
  /** A large gang measures thousands of links; the slowest are what counts. */
  private static final int MOST_LINKS = 64;

  private AgreementJson() {}

  static Map<String, Object> of(TrainingListener.Agreement agreement) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("algorithm", agreement.algorithm().word());
    values.put("reason", agreement.reason());
    values.put("encrypted", agreement.isEncrypted());
    agreement.probe().ifPresent(result -> values.put("probe", probe(result)));
    return values;
  }

  private static Map<String, Object> probe(ProbeResult result) {
    List<Object> timings = new ArrayList<>();
    for (ProbeResult.AlgorithmTime each : result.timings()) {
      Map<String, Object> timing = new LinkedHashMap<>();
      timing.put("algorithm", each.algorithm().word());
      timing.put("long_ms", (float) (1e3 * each.longSeconds()));
      timing.put("short_us", (float) (1e6 * each.shortSeconds()));
      timings.add(timing);
    }
    List<ProbeResult.LinkSpeed> slowest = new ArrayList<>(result.links());
    slowest.sort(Comparator.comparingDouble(ProbeResult.LinkSpeed::bytesPerSecond));
    List<Object> links = new ArrayList<>();
    for (ProbeResult.LinkSpeed each : slowest.subList(0, Math.min(MOST_LINKS, slowest.size()))) {
      Map<String, Object> link = new LinkedHashMap<>();
      link.put("from", each.from());
      link.put("to", each.to());
      link.put("bytes_per_second", Math.round(each.bytesPerSecond()));
      link.put("message_us", (float) (1e6 * each.messageSeconds()));
      links.add(link);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("seconds", (float) result.seconds());
    values.put("long_floats", result.elements());
    values.put("short_floats", result.shortElements());
    values.put("timings", timings);
    values.put(
        "adder_bytes_per_second", result.adderBytesPerSecond().stream().map(Math::round).toList());
    values.put("links_measured", slowest.size());
    values.put("links", links);
    return values;
  }
}
