<?cs include:"macros.cs" ?><?cs set:Title = "数据导入" ?><?cs def:content() ?><?cs call:error_summary() ?><div class="head"><h1>数据导入</h1><?cs if:May ?><a class="button" href="/staff/imports/new">导入文件</a><?cs /if ?></div>
<p class="lead">企业、人员、纸质证书、考核成绩、社会保险和继续教育的数据，以 CSV 文件整批导入：先核对，再确认，要么全部导入，要么一行也不导入。</p>
<nav class="pages tabs" aria-label="种类"><a href="/staff/imports/"<?cs set:some = #0 ?><?cs each:kind = Kinds ?><?cs if:kind.Here ?><?cs set:some = #1 ?><?cs /if ?><?cs /each ?><?cs if:!some ?> aria-current="page"<?cs /if ?>>全部</a><?cs each:kind = Kinds ?><a href="/staff/imports/?kind=<?cs var:kind.Name ?>"<?cs if:kind.Here ?> aria-current="page"<?cs /if ?>><?cs var:kind.Label ?></a><?cs /each ?></nav>
<?cs if:?Rows.0.Id ?><table class="list data"><caption>导入记录，最近的在前</caption>
<thead><tr><th scope="col">导入编号<th scope="col">种类<th scope="col">文件<th scope="col">行数<th scope="col">新增<th scope="col">更改<th scope="col">经办<th scope="col">状态
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/staff/imports/<?cs var:row.Id ?>"><?cs var:row.Id ?></a><td data-as="种类"><?cs var:row.Kind ?><td data-as="文件"><?cs var:row.File ?><td data-as="行数"><?cs var:row.Count ?><td data-as="新增"><?cs var:row.Added ?><td data-as="更改"><?cs var:row.Changed ?><td data-as="经办"><?cs var:row.By ?><br><?cs var:row.Created ?><td data-as="状态"><b class="s <?cs var:row.Tone ?>"><?cs var:row.Label ?></b>
<?cs /each ?></table>
<?cs else ?><p class="empty">还没有导入记录。</p>
<?cs /if ?><?cs call:pages(First, Next) ?><p class="quiet"><a href="/help/staff-imports">操作手册：数据导入</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
