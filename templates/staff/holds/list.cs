<?cs include:"macros.cs" ?><?cs set:Title = "锁定" ?><?cs def:content() ?><div class="head"><h1>锁定</h1><?cs if:Propose ?><a class="button" href="/staff/holds/new">提请锁定</a><?cs /if ?></div>
<p class="lead">锁定的人员或企业，在锁定期间不能办理换领、申领、变更、注销和离沪。锁定和解除都由一人提请、另一人决定。</p>
<?cs if:?Rows.0.Number ?><table class="list data"><caption>尚未解除的锁定</caption>
<thead><tr><th scope="col">对象<th scope="col">锁定期<th scope="col">状态<th scope="col">依据和原因<th scope="col">事项编号<?cs if:Propose ?><th scope="col">操作<?cs /if ?>
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><?cs var:row.Kind ?>　<?cs var:row.Name ?><td data-as="锁定期"><span class="keep"><?cs var:row.From ?> 起</span><?cs if:row.Until ?><br><span class="keep">至 <?cs var:row.Until ?></span><?cs /if ?><td data-as="状态"><?cs if:row.InForce ?><b class="s s03">锁定中</b><?cs else ?><b class="s s05">不在锁定期内</b><?cs /if ?><td data-as="依据和原因"><?cs var:row.Basis ?><br><?cs var:row.Reason ?><td data-as="事项编号"><a href="/staff/proposals/<?cs var:row.Number ?>"><?cs var:row.Number ?></a><?cs if:Propose ?><td><a href="/staff/holds/release?<?cs var:row.Subject ?>">提请解除</a><?cs /if ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">没有锁定的人员或企业。</p>
<?cs /if ?><?cs call:pages(First, Next) ?><?cs /def ?><?cs include:"layout.cs" ?>
