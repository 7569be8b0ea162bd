package org.backdraft.driver.spark.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.DeployMessages;
import org.apache.spark.deploy.master.WorkerInfo;
import org.apache.spark.rpc.RpcAddress;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.rpc.RpcTimeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.duration.FiniteDuration;
import scala.reflect.ClassTag$;

/**
 * Asks the Master of a standalone cluster for its Workers, as its own web page does: nothing else
 * tells a driver how many executors it can expect.
 */
public final class StandaloneMaster {
  private static final Logger LOG = LoggerFactory.getLogger(StandaloneMaster.class);
  private static final String SCHEME = "spark://";
  private static final String ENDPOINT = "Master";
  private static final long TIMEOUT_MILLIS = 5_000;

  private StandaloneMaster() {}

  /**
   * A Worker of the cluster. One that died in the last quarter of an hour is still among them.
   *
   * @param memoryMegabytes that it offers to executors
   */
  public record Worker(String host, int cores, int memoryMegabytes) {}

  /**
   * The Workers, empty where there is no standalone Master or it does not answer.
   *
   * @param master {@code spark://host:port,host:port}
   */
  public static Optional<List<Worker>> workers(JavaSparkContext sc, String master) {
    if (!master.startsWith(SCHEME)) {
      return Optional.empty();
    }
    for (String each : master.substring(SCHEME.length()).split(",", -1)) {
      try {
        return Optional.of(ask(sc.sc().env().rpcEnv(), RpcAddress.fromSparkURL(SCHEME + each)));
      } catch (Exception e) { // Scala does not say which; another Master of the list may answer
        LOG.debug("The Master at {} did not say which Workers it has.", each, e);
      }
    }
    return Optional.empty();
  }

  private static List<Worker> ask(RpcEnv env, RpcAddress address) {
    RpcEndpointRef ref = env.setupEndpointRef(address, ENDPOINT);
    RpcTimeout timeout =
        new RpcTimeout(
            FiniteDuration.apply(TIMEOUT_MILLIS, java.util.concurrent.TimeUnit.MILLISECONDS),
            "the wait for the Master's Workers");
    DeployMessages.MasterStateResponse state =
        ref.askSync(
            DeployMessages.RequestMasterState$.MODULE$,
            timeout,
            ClassTag$.MODULE$.<DeployMessages.MasterStateResponse>apply(
                DeployMessages.MasterStateResponse.class));
    List<Worker> workers = new ArrayList<>();
    for (WorkerInfo each : state.workers()) {
      workers.add(new Worker(each.host(), each.cores(), each.memory()));
    }
    return workers;
  }
}
