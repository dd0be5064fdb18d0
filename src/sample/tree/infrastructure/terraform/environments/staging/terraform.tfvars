environment       = "staging"
vpc_cidr          = "10.20.0.0/16"
db_instance_class = "db.t4g.medium"
redis_node_type   = "cache.t4g.small"
