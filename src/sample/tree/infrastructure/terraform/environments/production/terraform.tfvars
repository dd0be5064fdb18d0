environment       = "production"
vpc_cidr          = "10.30.0.0/16"
db_instance_class = "db.r7g.large"
redis_node_type   = "cache.r7g.large"
