module lanyard

go 1.19
