package org.backdraft.driver;

import static org.backdraft.driver.failure.ConfigurationException.checked;

import java.io.IOException;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.algorithm.ExchangeCost;
import org.backdraft.data.DataSource;
import org.backdraft.data.Normalization;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.sync.StateLayout;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.plan.Plan;
import org.backdraft.tensor.ParameterBlocks;

/**
 * What a run would do, known without a cluster and without training: for a dry run.
 *
 * @param training the opened training set
 * @param validation the opened validation set
 * @param globalBatch examples of a step
 * @param stepsPerEpoch updates in one pass over the training set
 * @param plan of the first worker
 * @param algorithm that workers sum with, unless they measure another one to be faster
 * @param cost of a step's exchange
 * @param sync what agreeing takes of the heaps; of no shards without a parameter server
 * @param checkpoints what saving takes of them; nothing where nothing is saved
 */
public record TrainingOutline(
    Network network,
    DataSource training,
    DataSource validation,
    int globalBatch,
    long stepsPerEpoch,
    Plan plan,
    AllReduceAlgorithm algorithm,
    ExchangeCost cost,
    SyncMemory sync,
    SyncMemory checkpoints) {
  /**
   * Checks what a {@link TrainingJob} checks before it opens its cluster.
   *
   * @param workers in the gang, at least 1
   * @param threads of each worker, at least 1
   * @throws ConfigurationException if the run could not start
   * @throws org.backdraft.data.DataException if the data cannot be used
   */
  public static TrainingOutline of(
      TrainingConfig config,
      NetworkFactory networks,
      Cluster.Provider clusters,
      Kernels kernels,
      int workers,
      int threads)
      throws IOException {
    Normalization unused = checked(() -> Normalization.parse(config.data().normalize()));
    DataSets data = DataSets.open(config, clusters, networks);
    Network network = ModelFit.network(networks, config.lossFunction(), data.training());
    int examples = data.training().examples();
    int batch = config.globalBatch(examples);
    ModelFit.batch(batch, examples);
    ModelFit.groups(config, network);
    config.earlyStopping().requireMeasured(data.validation().format(), config.lossFunction());
    AllReduceAlgorithm algorithm = config.sync().algorithmFor(workers);
    Leaves leaves = config.leaves();
    SyncSpec sync = config.sync().spec(workers);
    int slots = config.optimizer().rule().stateSlots();
    GangSetup.piecesAndLeaves(config, sync, workers);
    Plan plan =
        checked(() -> Plan.compile(request(config, network, batch, workers, threads), kernels));
    return new TrainingOutline(
        network,
        data.training(),
        data.validation(),
        batch,
        (examples + batch - 1L) / batch,
        plan,
        algorithm,
        ExchangeCost.of(algorithm, leaves, workers, plan.reduction().size()),
        SyncMemory.of(network, leaves, sync, workers, slots)
            .and(SyncMemory.ofCopies(config, network))
            .and(SyncMemory.ofBest(config, network)),
        SyncMemory.ofCheckpoints(
            config.checkpoint(),
            network,
            sync,
            StateLayout.of(config.updates(), sync, workers, network.parameterTable().size()),
            plan.request().ownedParameters()));
  }

  /** What the first worker's plan is made for. */
  private static Plan.Request request(
      TrainingConfig config, Network network, int batch, int workers, int threads) {
    SyncSpec sync = config.sync().spec(workers);
    Leaves leaves = config.leaves();
    int parts = GangSetup.parts(config, sync, workers);
    LeafRange range = leaves.rangeOf(0, workers);
    if (sync.isLeased()) {
      leaves = new Leaves(leaves.count() / parts);
      range = new LeafRange(0, leaves.count());
    }
    return new Plan.Request(
        network,
        config.lossFunction(),
        leaves,
        range,
        (int) ((batch + parts - 1L) / parts),
        threads,
        sync.workerSlots(config.optimizer().rule().stateSlots()),
        sync.ownedParameters(new ParameterBlocks(network.parameterTable()), workers),
        config.planOptions(network, batch, parts));
  }
}
