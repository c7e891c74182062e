"""What kube-apiserver refuses beyond what a schema can say, judged from plain objects: no cluster, no spec."""
